import type { Rule } from '../rule.ts';
import { listenPort } from '../subject.ts';

export const autocertPort: Rule = {
  id: 'AUTOCERT_PORT',
  severity: 'note',
  title: 'Automatic certificates go with port 443',
  why: 'The authority asks port 443 alone for TLS-ALPN: on another one the first attempt of every start fails, and the second, over port 80, works.',
  fix: 'write `address: :443`, or map 443 of the machine to the port',
  source: 'Pomerium v0.33.1 config/autocert.go; RFC 8737 §3',
  *check({ config: { options } }) {
    if (options?.rest['autocert'] !== true || listenPort(options.address) === 443) return;
    yield { path: ['address'], message: `\`autocert\` on \`address: ${options.address}\`` };
  },
};

import type { Rule } from '../rule.ts';
import { listenPort } from '../subject.ts';

export const autocertNoRedirect: Rule = {
  id: 'AUTOCERT_NO_REDIRECT',
  severity: 'warning',
  title: 'Automatic certificates can be proven over port 80 too',
  why: 'Without a listener on port 80 only the TLS-ALPN challenge on 443 is left, and people who type http:// meet a closed port.',
  fix: 'write `http_redirect_addr: ":80"` and publish port 80',
  source: 'Pomerium v0.33.1 config/autocert.go',
  *check({ config: { options } }) {
    if (options?.rest['autocert'] !== true) return;
    const { http_redirect_addr: address } = options;
    if (address !== undefined && listenPort(address) === 80) return;
    yield {
      path: address === undefined ? ['autocert'] : ['http_redirect_addr'],
      message:
        address === undefined
          ? '`autocert` without `http_redirect_addr`'
          : `\`http_redirect_addr: ${address}\` is not port 80, the only one that HTTP-01 knows`,
      mends: [{ path: ['http_redirect_addr'], value: ':80' }],
    };
  },
};

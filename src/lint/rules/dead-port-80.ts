import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

export const deadPort80: Rule = {
  id: 'DEAD_PORT_80',
  severity: 'warning',
  title: 'A published port 80 answers',
  why: 'Nobody listens there without `http_redirect_addr`: http:// ends in a refused connection, and the HTTP-01 challenge fails.',
  fix: 'write `http_redirect_addr: ":80"`, or publish 443 alone',
  source: 'Pomerium v0.33.1 config/options.go',
  *check(subject) {
    const service = pomeriumService(subject);
    if (!service || !subject.config.options || subject.config.options.http_redirect_addr) return;
    if (!service.ports.some(({ target }) => target === 80)) return;
    yield {
      in: 'compose',
      path: ['services', service.name, 'ports'],
      message: 'port 80 is published and nothing listens there',
      mends: [{ path: ['http_redirect_addr'], value: ':80' }],
    };
  },
};

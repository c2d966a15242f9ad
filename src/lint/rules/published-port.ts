import type { Rule } from '../rule.ts';
import { listenPort, pomeriumService } from '../subject.ts';

export const publishedPort: Rule = {
  id: 'PUBLISHED_PORT',
  severity: 'warning',
  title: 'The gateway’s port is the same inside and outside',
  why: 'Pomerium and the other containers use the port that the routes name; where another one is published, browsers or containers reach nothing.',
  fix: 'publish the port of `address` under the same number',
  source: 'RFC 8414 §3.3: the issuer’s port is part of its name',
  *check(subject) {
    const service = pomeriumService(subject);
    const { options } = subject.config;
    if (!service || !options || service.ports.length === 0) return;
    const port = listenPort(options.address);
    const found = service.ports.find(({ target }) => target === port);
    if (found && (found.published === undefined || Number(found.published) === port)) return;
    // 443 outside for a port above 1024 inside is the usual way of an image without root.
    if (found?.published === '443') return;
    const message = found
      ? `port ${port} is published as ${found.published}`
      : `\`address: ${options.address}\` is not published`;
    yield { in: 'compose', path: ['services', service.name, 'ports'], message };
  },
};

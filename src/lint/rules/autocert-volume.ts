import type { Rule } from '../rule.ts';
import { pomeriumService } from '../subject.ts';

const DIRECTORY = '/data/autocert';

export const autocertVolume: Rule = {
  id: 'AUTOCERT_VOLUME',
  severity: 'warning',
  title: 'Certificates outlive the container',
  why: 'Let’s Encrypt counts certificates: a container that is made anew without its volume asks for all of them again, and may be locked out for a week.',
  fix: 'mount a named volume at /data/autocert',
  source: 'Pomerium v0.33.1 Dockerfile; Let’s Encrypt rate limits',
  *check(subject) {
    const service = pomeriumService(subject);
    if (!service || subject.config.options?.rest['autocert'] !== true) return;
    const place = service.environment['AUTOCERT_DIR'] ?? DIRECTORY;
    if (service.mounts.some(({ target, source }) => source !== undefined && `${place}/`.startsWith(`${target}/`)))
      return;
    yield { in: 'compose', path: ['services', service.name], message: `nothing is mounted at ${place}` };
  },
};

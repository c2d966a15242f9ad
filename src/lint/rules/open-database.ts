import type { Hit, Rule } from '../rule.ts';

export const openDatabase: Rule = {
  id: 'OPEN_DATABASE',
  severity: 'warning',
  title: 'The database is for Pomerium alone',
  why: 'It holds sessions and tokens. With trust, or a published port, whoever reaches it reads and changes them.',
  fix: 'set POSTGRES_PASSWORD, delete POSTGRES_HOST_AUTH_METHOD, and publish no port',
  source: 'documentation of the image postgres, POSTGRES_HOST_AUTH_METHOD',
  *check({ compose }) {
    for (const service of compose?.model.services ?? []) {
      if (!/(^|\/)postgres([:@]|$)/.test(service.image ?? '')) continue;
      const hit = (key: string, message: string): Hit => ({
        in: 'compose',
        path: ['services', service.name, key],
        message,
      });
      if (service.environment['POSTGRES_HOST_AUTH_METHOD'] === 'trust')
        yield hit('environment', 'everybody may use the database without a password');
      const open = service.ports.find(({ host }) => host === undefined || host === '0.0.0.0' || host === '::');
      if (open) yield hit('ports', `the database listens on port ${open.published ?? open.target} of this machine`);
    }
  },
};

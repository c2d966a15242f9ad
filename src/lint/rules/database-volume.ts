import type { Rule } from '../rule.ts';

export const databaseVolume: Rule = {
  id: 'DATABASE_VOLUME',
  severity: 'warning',
  title: 'The database outlives its container',
  why: 'Without a named volume a container that is made anew starts empty: everybody signs in again, and clients register anew.',
  fix: 'mount a named volume at /var/lib/postgresql/data',
  source: 'documentation of the image postgres',
  *check({ compose }) {
    for (const { name, image = '', mounts, environment } of compose?.model.services ?? []) {
      if (!/(^|\/)postgres([:@]|$)/.test(image)) continue;
      const data = environment['PGDATA'] ?? '/var/lib/postgresql/data';
      if (mounts.some(({ source, target }) => source !== undefined && `${data}/`.startsWith(`${target}/`))) continue;
      yield { in: 'compose', path: ['services', name], message: `the data of ${name} is in no named volume` };
    }
  },
};

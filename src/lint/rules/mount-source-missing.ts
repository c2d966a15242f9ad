import type { Rule } from '../rule.ts';

export const mountSourceMissing: Rule = {
  id: 'MOUNT_SOURCE_MISSING',
  severity: 'error',
  title: 'What is mounted is there',
  why: 'Docker makes an empty folder where the source is missing: Pomerium then reads `is a directory`, and a server finds no database.',
  fix: 'create it before `docker compose up`',
  source: 'Compose specification, volumes: bind.create_host_path',
  *check({ compose, exists }) {
    for (const { name, mounts } of compose?.model.services ?? []) {
      for (const { type, source, target } of mounts) {
        // Made by `up` before anything starts.
        if (type !== 'bind' || source === undefined || source.includes('/.mcpgw/') || exists(source)) continue;
        yield {
          in: 'compose',
          path: ['services', name, 'volumes'],
          message: `${source}, to be mounted at ${target}, is not there`,
        };
      }
    }
  },
};

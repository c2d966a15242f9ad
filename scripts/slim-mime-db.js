import { readFileSync } from 'node:fs';

/** What the identity provider sends and takes; its framework asks for these by extension and by name. */
const KEPT = [
  'application/json',
  'application/jwk-set+json',
  'application/jwt',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/css',
  'text/html',
  'text/javascript',
  'text/plain',
];

/** A rolldown plugin that leaves out of mime-db, which comes in two versions of 200 kB, what is never asked for. */
export function slimMimeDb() {
  return {
    name: 'slim-mime-db',
    load: {
      filter: { id: /mime-db[\\/]db\.json$/ },
      handler(id) {
        const all = JSON.parse(readFileSync(id, 'utf8'));
        return {
          code: JSON.stringify(Object.fromEntries(KEPT.map((type) => [type, all[type] ?? {}]))),
          moduleType: 'json',
        };
      },
    },
  };
}

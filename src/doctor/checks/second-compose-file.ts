import { readdir } from 'node:fs/promises';
import { ok, warning, type Check } from '../check.ts';

/** Compose takes the first of these names, and merges the override without a word (Compose documentation, "How Compose works"). */
const BEFORE_OURS = ['compose.yaml', 'compose.yml', 'docker-compose.yml'];
const OVERRIDES = [
  'compose.override.yaml',
  'compose.override.yml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

export const secondComposeFile: Check = {
  id: 'FIL-13',
  area: 'files',
  title: 'one compose file, and no other before it',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project }) {
    const names = await readdir((await project()).folder);
    const rival = BEFORE_OURS.find((name) => names.includes(name));
    if (rival) return warning(`docker compose reads ${rival}, not docker-compose.yaml`, `mv ${rival} ${rival}.old`);
    const override = OVERRIDES.find((name) => names.includes(name));
    if (!override) return ok('docker-compose.yaml');
    return warning(
      `docker compose merges ${override}, and mcpgw does not know of it`,
      `mv ${override} ${override}.old`,
    );
  },
};

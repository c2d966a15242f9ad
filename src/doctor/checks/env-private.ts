import { stat } from 'node:fs/promises';
import { failure, ok, skipped, type Check } from '../check.ts';
import { shellPath } from '../words.ts';

const OTHERS = 0o077;

export const envPrivate: Check = {
  id: 'SEC-02',
  area: 'secrets',
  title: '.env is private',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, platform, cwd }) {
    if (platform === 'win32') return skipped('Windows keeps no file modes');
    const { paths } = await project();
    const { mode } = await stat(paths.env);
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    if ((mode & OTHERS) === 0) return ok(`mode ${shown}`);
    return failure(`.env is open to other users (mode ${shown})`, `chmod 600 ${shellPath(paths.env, cwd)}`);
  },
};

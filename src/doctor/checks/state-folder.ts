import { stat } from 'node:fs/promises';
import { failure, ok, type Check } from '../check.ts';
import { shellPath } from '../words.ts';

const OTHERS = 0o077;

export const stateFolder: Check = {
  id: 'MAC-03',
  area: 'machine',
  title: 'folder for tokens is private',
  async run({ cwd, platform, stateFolder: folder }) {
    const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!stats) return ok(`${folder} is made at the first sign-in`);
    const word = shellPath(folder, cwd);
    if (!stats.isDirectory()) return failure(`${folder} is no folder`, `mv ${word} ${word}.old`);
    // Windows keeps no file modes.
    if (platform === 'win32' || (stats.mode & OTHERS) === 0) return ok(folder);
    return failure(`${folder} is open to other users (mode ${(stats.mode & 0o777).toString(8)})`, `chmod 700 ${word}`);
  },
};

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, skipped, type Check } from '../check.ts';
import { count, shellPath } from '../words.ts';

const OTHERS = 0o077;

/** Pomerium's container reads its key as another user, so that one may be readable. */
export const keyModes: Check = {
  id: 'SEC-08',
  area: 'secrets',
  title: 'private keys are private',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, platform, cwd }) {
    if (platform === 'win32') return skipped('Windows keeps no file modes');
    const { paths } = await project();
    const names = await readdir(paths.authorityFolder).catch(() => []);
    const keys = names.filter((name) => name.endsWith('.key')).map((name) => join(paths.authorityFolder, name));
    for (const file of keys) {
      const { mode } = await stat(file);
      if ((mode & OTHERS) === 0) continue;
      const text = `${file} is open to other users: whoever has it can pose as the gateway`;
      return failure(text, `chmod 600 ${shellPath(file, cwd)}`);
    }
    return keys.length === 0 ? skipped('made at the first mcpgw up') : ok(count(keys.length, 'key'));
  },
};

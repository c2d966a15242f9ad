import { stat } from 'node:fs/promises';
import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { shellPath } from '../words.ts';

const WRITABLE_BY_OTHERS = 0o002;
const READABLE_BY_OTHERS = 0o004;

/** Pomerium's container runs as a user of its own (65532), who has to be able to read what is mounted. */
export const configurationMode: Check = {
  id: 'FIL-12',
  area: 'files',
  title: 'the right people can read and write the configuration',
  on: ['configuration'],
  needs: ['FIL-02'],
  async run({ configuration, project, target, platform, cwd }) {
    if (platform === 'win32') return skipped('Windows keeps no file modes');
    const { path } = await configuration();
    const { mode } = await stat(path);
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    const word = shellPath(path, cwd);
    if (mode & WRITABLE_BY_OTHERS)
      return failure(`everybody on this machine may change the policy (mode ${shown})`, `chmod o-w ${word}`);
    const isMounted = target.kind === 'project' && (await project()).settings.engine === 'docker';
    if (isMounted && !(mode & READABLE_BY_OTHERS))
      return warning(`the container’s user may not be able to read it (mode ${shown})`, `chmod 644 ${word}`);
    return ok(`mode ${shown}`);
  },
};

import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { failure, ok, skipped, type Check } from '../check.ts';
import { count, shellPath } from '../words.ts';

/** Docker makes a folder where the source of a mount is missing; what was to be a file then never comes back by itself. */
export const mountKinds: Check = {
  id: 'FIL-11',
  area: 'files',
  title: 'what is mounted as a file is one',
  on: ['configuration'],
  needs: ['FIL-02'],
  async run({ configuration, cwd }) {
    const { compose } = (await configuration()).subject;
    if (!compose) return skipped('there is no compose file');
    const mounts = compose.model.services.flatMap((service) => service.mounts);
    const binds = mounts.filter(({ type, source }) => type === 'bind' && source !== undefined);
    const looked = await Promise.all(
      binds.map(async ({ source = '', target }) => ({
        source,
        target,
        found: await stat(source).catch(() => undefined),
      })),
    );
    const wrong = looked.find(({ target, found }) => extname(target) !== '' && found?.isDirectory());
    if (!wrong) return ok(count(binds.length, 'mount'));
    const word = shellPath(wrong.source, cwd);
    return failure(
      `${wrong.source} is a folder, and is mounted as the file ${wrong.target}`,
      `rmdir ${word}    # then make the file, and mcpgw up`,
    );
  },
};

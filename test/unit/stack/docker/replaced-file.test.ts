import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isReplaced, sourceIsGone } from '../../../../src/stack/docker/replaced-file.ts';
import { temporaryFolder } from '../../../helpers/program.ts';
import { container } from './helpers.ts';

const TARGET = '/pomerium/config.yaml';
const SOURCE = '/home/me/my gw/pomerium-config.yaml';

/** Lines of /proc/PID/mountinfo, as Linux 6 has them. */
const mountinfo = (root: string): string => `729 712 0:61 / / ro,relatime - overlay overlay rw
740 729 254:0 ${root} ${TARGET} ro,relatime - ext4 /dev/vda rw
`;

test('a file that lies where it lay is not replaced', () => {
  expect(sourceIsGone(mountinfo('/home/me/my\\040gw/pomerium-config.yaml'), SOURCE, TARGET)).toBe(false);
});

test('a file that was written anew under the same name is', () => {
  expect(sourceIsGone(mountinfo('/home/me/my\\040gw/pomerium-config.yaml//deleted'), SOURCE, TARGET)).toBe(true);
});

test('so is one that the editor kept as a backup', () => {
  expect(sourceIsGone(mountinfo('/home/me/my\\040gw/pomerium-config.yaml~'), SOURCE, TARGET)).toBe(true);
});

test('where the mount cannot be looked at, a file that is younger than the container counts as replaced', async () => {
  expect(sourceIsGone('', SOURCE, TARGET)).toBeUndefined();
  const file = join(await temporaryFolder('replaced'), 'pomerium-config.yaml');
  await writeFile(file, 'a: 1\n');
  expect(await isReplaced(container({ startedAt: '2020-01-01T00:00:00Z' }), file, TARGET)).toBe(true);
  expect(await isReplaced(container({ startedAt: new Date(Date.now() + 60_000).toISOString() }), file, TARGET)).toBe(
    false,
  );
  expect(await isReplaced(container({ state: 'exited', startedAt: '2020-01-01T00:00:00Z' }), file, TARGET)).toBe(false);
});

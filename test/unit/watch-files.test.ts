import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchFiles, type FileWatch } from '../../src/watch-files.ts';

/** Milliseconds in which a change would have been told. */
const QUIET = 700;

describe('files that are watched', () => {
  let folder: string;
  let file: string;
  let watch: FileWatch | undefined;
  let told = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcpgw-watch-'));
    file = join(folder, 'config.yaml');
    told = 0;
    await writeFile(file, 'one');
  });

  afterEach(async () => {
    watch?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = (files: [string, string | undefined][], onChange?: () => Promise<void>): void => {
    watch = watchFiles(async () => {
      told++;
      await onChange?.();
    });
    watch.watch(new Map(files));
  };
  const settled = async (): Promise<number> => {
    await sleep(QUIET);
    return told;
  };

  test('nothing is told as long as nothing changes, nor of a write of the same text or a new time', async () => {
    start([[file, 'one']]);
    expect(await settled()).toBe(0);
    await writeFile(file, 'one');
    await utimes(file, new Date(), new Date());
    expect(await settled()).toBe(0);
  });

  test('a change since the text was read is told, though it happened before anybody watched', async () => {
    start([[file, 'older']]);
    await expect.poll(() => told).toBe(1);
    expect(await settled()).toBe(1);
  });

  test('a file without a known text is compared with what stands there first', async () => {
    start([[file, undefined]]);
    expect(await settled()).toBe(0);
    await writeFile(file, 'two');
    await expect.poll(() => told).toBe(1);
  });

  test('a file that an editor replaces by a rename is still the one that is watched', async () => {
    start([[file, 'one']]);
    for (const [times, text] of ['two', 'three'].entries()) {
      await writeFile(`${file}.swp`, text);
      await rename(`${file}.swp`, file);
      await expect.poll(() => told).toBe(times + 1);
    }
  });

  test('a symbolic link that is switched to another folder counts, as mounted configuration maps do', async () => {
    for (const name of ['first', 'second']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'config.yaml'), name);
    }
    await symlink('first', join(folder, '..data'));
    await symlink('..data/config.yaml', join(folder, 'linked.yaml'));
    start([[join(folder, 'linked.yaml'), 'first']]);
    expect(await settled()).toBe(0);
    await symlink('second', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    await expect.poll(() => told).toBe(1);
  });

  test('several saves in quick succession are one change', async () => {
    start([[file, 'one']]);
    for (let i = 0; i < 12; i++) {
      await writeFile(file, `save ${i}`);
      await sleep(20);
    }
    await expect.poll(() => told).toBe(1);
    expect(await settled()).toBe(1);
  });

  test('a file that never comes to rest is told about all the same', async () => {
    start([[file, 'one']]);
    const until = Date.now() + 3_500;
    for (let i = 0; Date.now() < until; i++) {
      await writeFile(file, `save ${i}`);
      await sleep(15);
    }
    expect(told).toBeGreaterThan(0);
  });

  test('a file that goes, and one that comes, are told', async () => {
    start([[file, 'one']]);
    await unlink(file);
    await expect.poll(() => told).toBe(1);
    await writeFile(file, 'one');
    await expect.poll(() => told).toBe(2);
  });

  test('a deletion with a new file at once is one change', async () => {
    start([[file, 'one']]);
    await sleep(250);
    await unlink(file);
    await writeFile(file, 'two');
    await expect.poll(() => told).toBe(1);
    expect(await settled()).toBe(1);
  });

  test('what changes while a change is acted upon is told after that', async () => {
    let running = 0;
    start([[file, 'one']], async () => {
      expect(++running).toBe(1);
      if (told === 1) await writeFile(file, 'three');
      await sleep(300);
      running--;
    });
    await writeFile(file, 'two');
    await expect.poll(() => told, { timeout: 3_000 }).toBe(2);
  });

  test('other files take the place of the ones before, and closing ends it', async () => {
    const other = join(folder, 'other');
    start([[file, 'one']]);
    watch?.watch(new Map([[other, '']]));
    await writeFile(file, 'two');
    expect(await settled()).toBe(0);
    await writeFile(other, 'here');
    await expect.poll(() => told).toBe(1);
    watch?.close();
    await writeFile(other, 'again');
    expect(await settled()).toBe(1);
  });
});

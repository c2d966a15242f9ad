import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { quoteForEnv, parseEnvFile, removeFromEnv, writeTogether } from '../../../src/project/index.ts';
import * as fc from 'fast-check';
import { failureOf, temporaryFolder } from './helpers.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const readAll = async (): Promise<string[]> => Promise.all(['a', 'b'].map(async (name) => readFile(at(name), 'utf8')));

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeFile(at('a'), 'a1');
  await writeFile(at('b'), 'b1');
});

test('all files are written, with the mode they had or the one that is wanted, and nothing else is left', async () => {
  await chmod(at('a'), 0o640);
  await writeTogether([
    { file: at('a'), before: 'a1', after: 'a2' },
    { file: at('b'), before: 'b1', after: 'b2', mode: 0o600 },
  ]);
  expect(await readAll()).toEqual(['a2', 'b2']);
  expect((await stat(at('a'))).mode & 0o777).toBe(0o640);
  expect((await stat(at('b'))).mode & 0o777).toBe(0o600);
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'b']);
});

test('none is written when somebody else has changed one', async () => {
  await writeFile(at('b'), 'mine');
  const changes = [
    { file: at('a'), before: 'a1', after: 'a2' },
    { file: at('b'), before: 'b1', after: 'b2' },
  ];
  expect(await failureOf(writeTogether(changes))).toMatchObject({ code: 'FILE_CHANGED' });
  expect(await readAll()).toEqual(['a1', 'mine']);
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'b']);
});

test('none is written when one cannot be', async () => {
  const gone = { file: at('gone/c'), before: '', after: 'c' };
  await failureOf(writeTogether([{ file: at('a'), before: 'a1', after: 'a2' }, gone]));
  expect(await readAll()).toEqual(['a1', 'b1']);
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'b']);
});

test('files are made and taken away together with the others', async () => {
  await writeTogether([
    { file: at('c'), before: undefined, after: 'c1', mode: 0o600 },
    { file: at('a'), before: 'a1', after: undefined },
    { file: at('b'), before: 'b1', after: 'b2' },
  ]);
  expect((await readdir(folder)).toSorted()).toEqual(['b', 'c']);
  expect([await readFile(at('b'), 'utf8'), await readFile(at('c'), 'utf8')]).toEqual(['b2', 'c1']);
  expect((await stat(at('c'))).mode & 0o777).toBe(0o600);
});

test('a new file that somebody else has made meanwhile is not written over', async () => {
  const changes = [
    { file: at('a'), before: 'a1', after: 'a2' },
    { file: at('b'), before: undefined, after: 'b2' },
  ];
  expect(await failureOf(writeTogether(changes))).toMatchObject({ code: 'FILE_CHANGED' });
  expect(await readAll()).toEqual(['a1', 'b1']);
});

test('a failure after the first files have moved brings all of them back', async () => {
  await writeFile(at('c'), 'c1');
  const changes = [
    { file: at('a'), before: 'a1', after: 'a2' },
    { file: at('new'), before: undefined, after: 'n' },
    { file: at('c'), before: 'c1', after: undefined },
    // It is gone by then.
    { file: at('c'), before: 'c1', after: undefined },
    { file: at('b'), before: 'b1', after: 'b2' },
  ];
  await failureOf(writeTogether(changes));
  expect(await readAll()).toEqual(['a1', 'b1']);
  expect(await readFile(at('c'), 'utf8')).toBe('c1');
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'b', 'c']);
});

test('a file that cannot be replaced leaves the others as they were', async ({ skip }) => {
  const isImmutable = await promisify(execFile)('chattr', ['+i', at('b')]).then(
    () => true,
    () => false,
  );
  if (!isImmutable) skip('chattr +i needs root, and a file system that knows it');
  onTestFinished(async () => void (await promisify(execFile)('chattr', ['-i', at('b')])));
  const changes = [
    { file: at('a'), before: 'a1', after: 'a2' },
    { file: at('b'), before: 'b1', after: 'b2' },
  ];
  expect((await failureOf(writeTogether(changes))).message).not.toBe('');
  expect(await readAll()).toEqual(['a1', 'b1']);
  expect((await readdir(folder)).toSorted()).toEqual(['a', 'b']);
  await promisify(execFile)('chattr', ['-i', at('b')]);
});

test('a link stays one', async () => {
  await mkdir(at('real'));
  await writeFile(at('real/c'), 'c1');
  await symlink(at('real/c'), at('c'));
  await writeTogether([{ file: at('c'), before: 'c1', after: 'c2' }]);
  expect((await lstat(at('c'))).isSymbolicLink()).toBe(true);
  expect(await readFile(at('real/c'), 'utf8')).toBe('c2');
});

test('whatever a value holds: quoted for .env it is read back, or it is refused', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (value) => {
      const quoted = quoteForEnv(value);
      if (quoted === undefined) expect(value).toMatch(/[\r\n]|'/);
      else expect(parseEnvFile(`A=1\nX=${quoted}\nB=2\n`)).toEqual({ A: '1', X: value, B: '2' });
    }),
  );
});

test('names go out of .env with their values, and nothing else does', () => {
  const text = '# X=1\nexport X="a\nb" # c\nXY=1\n X = 2\nZ=$X\n';
  expect(removeFromEnv(text, ['X'])).toBe('# X=1\nXY=1\nZ=$X\n');
});

import { mkdir, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectTarget, placeFiles, type NewFile } from '../../../src/project/index.ts';
import { failureOf, temporaryFolder } from './helpers.ts';

const idle = (): AbortSignal => new AbortController().signal;
const FILES: NewFile[] = [
  { path: 'docker-compose.yaml', mode: 0o644, content: 'x-mcpgw: {}\n' },
  { path: '.env', mode: 0o600, content: 'A=1\n' },
  { path: 'data/made', mode: 0o644, make: (file) => writeFile(file, 'made') },
];
const BROKEN: NewFile = { path: 'data/broken', mode: 0o644, make: () => Promise.reject(new Error('made badly')) };

describe('placing files', () => {
  test('a new folder with its parents, modes kept, nothing else left', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'a', 'b ü');
    await placeFiles(folder, FILES, idle());
    expect((await readdir(folder)).sort()).toEqual(['.env', 'data', 'docker-compose.yaml']);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readdir(join(root, 'a'))).toEqual(['b ü']);
  });

  test('an existing folder gets the files and keeps its own', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.git'));
    await placeFiles(folder, FILES, idle());
    expect((await readdir(folder)).sort()).toEqual(['.env', '.git', 'data', 'docker-compose.yaml']);
    expect(await readFile(join(folder, 'data/made'), 'utf8')).toBe('made');
  });

  test.each(['new', 'existing'])('a failure half way leaves nothing behind in a %s folder', async (kind) => {
    const root = await temporaryFolder();
    const folder = kind === 'new' ? join(root, 'x') : root;
    await expect(placeFiles(folder, [...FILES, BROKEN], idle())).rejects.toThrow('made badly');
    expect(await readdir(root)).toEqual([]);
  });

  test('Ctrl+C before the last step leaves nothing behind', async () => {
    const root = await temporaryFolder();
    const abort = new AbortController();
    const last: NewFile = { path: 'z', mode: 0o644, make: async () => abort.abort() };
    await expect(placeFiles(join(root, 'x'), [...FILES, last], abort.signal)).rejects.toThrow(/abort/i);
    expect(await readdir(root)).toEqual([]);
  });

  test('a file that is there is never replaced, and what was placed before it goes again', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data/made'), 'mine');
    expect(await failureOf(placeFiles(folder, FILES, idle()))).toMatchObject({ code: 'FOLDER_TAKEN' });
    expect(await readFile(join(folder, 'data/made'), 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['data']);
  });

  test.each(['new', 'existing'])('of two at once in a %s folder one wins and the other refuses', async (kind) => {
    const root = await temporaryFolder();
    const folder = kind === 'new' ? join(root, 'x') : root;
    const results = await Promise.allSettled(
      ['one', 'two'].map((text) => placeFiles(folder, [...FILES, { path: 'who', mode: 0o644, content: text }], idle())),
    );
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as { code: string }] : [],
    );
    expect(failures).toEqual([expect.objectContaining({ code: 'FOLDER_TAKEN' })]);
    const winner = results[0]?.status === 'fulfilled' ? 'one' : 'two';
    expect(await readFile(join(folder, 'who'), 'utf8')).toBe(winner);
    expect((await readdir(folder)).sort()).toEqual(['.env', 'data', 'docker-compose.yaml', 'who']);
  });

  test('what a killed run left behind is removed once it is old', async () => {
    const root = await temporaryFolder();
    const [old, young, foreign] = ['.x.0011aabb.tmp', '.x.0011aabc.tmp', '.x.notes.tmp'].map((name) =>
      join(root, name),
    );
    for (const folder of [old, young, foreign]) await mkdir(folder ?? '');
    await utimes(old ?? '', 1, 1);
    await utimes(foreign ?? '', 1, 1);
    await placeFiles(join(root, 'x'), FILES, idle());
    expect((await readdir(root)).sort()).toEqual(['.x.0011aabc.tmp', '.x.notes.tmp', 'x']);
  });

  test('a full disk is told as such', async ({ skip }) => {
    const hasFull = await stat('/dev/full').then(
      () => true,
      () => false,
    );
    skip(!hasFull, 'there is no /dev/full here');
    const root = await temporaryFolder();
    const file: NewFile = { path: 'x', mode: 0o644, make: () => writeFile('/dev/full', 'x') };
    expect(await failureOf(placeFiles(join(root, 'p'), [file], idle()))).toMatchObject({ code: 'DISK_FULL' });
    expect(await readdir(root)).toEqual([]);
  });
});

describe('what stands at the place', () => {
  test('missing, empty, a fresh repository, occupied, a file, below a file', async () => {
    const root = await temporaryFolder();
    expect(await inspectTarget(join(root, 'x'))).toEqual({ kind: 'missing' });
    expect(await inspectTarget(root)).toEqual({ kind: 'empty' });
    await mkdir(join(root, '.git'));
    await writeFile(join(root, 'LICENSE'), '');
    expect(await inspectTarget(root)).toEqual({ kind: 'empty' });
    await writeFile(join(root, 'b'), '');
    await writeFile(join(root, 'a'), '');
    expect(await inspectTarget(root)).toEqual({ kind: 'occupied', entries: ['a', 'b'] });
    expect(await inspectTarget(join(root, 'a'))).toEqual({ kind: 'file' });
    expect(await inspectTarget(join(root, 'a', 'c'))).toEqual({ kind: 'file' });
  });
});

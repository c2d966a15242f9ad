import { mkdtempSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withFileLock } from '../../../src/oauth/file-lock.ts';

const signal = new AbortController().signal;
const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'mcpgw-lock-')), 'lock');

test('one works at a time, and the lock is gone afterwards', async () => {
  const file = newFile();
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  await Promise.all([1, 2, 3, 4].map(() => withFileLock(file, { signal }, work)));
  expect(most).toBe(1);
  expect(await readdir(join(file, '..'))).toEqual([]);
});

test('a failure releases it', async () => {
  const file = newFile();
  await expect(withFileLock(file, { signal }, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withFileLock(file, { signal }, async () => 'free')).toBe('free');
});

test('one that a killed process left is taken over', async () => {
  const file = newFile();
  await writeFile(file, 'somebody');
  const past = new Date(Date.now() - 60_000);
  await utimes(file, past, past);
  expect(await withFileLock(file, { signal }, async () => 'taken')).toBe('taken');
});

test('Ctrl+C ends the wait for it', async () => {
  const file = newFile();
  const stop = new AbortController();
  await writeFile(file, 'somebody');
  const waiting = withFileLock(file, { signal: stop.signal, onWait: () => stop.abort() }, async () => 'never');
  await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

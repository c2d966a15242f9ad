import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectPaths, withLock } from '../../../src/project/index.ts';
import { failureOf, temporaryFolder } from './helpers.ts';

const idle = (): AbortSignal => new AbortController().signal;

describe('project lock', () => {
  test('lets one after the other in', async () => {
    const folder = await temporaryFolder();
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((done) => void setTimeout(done, 10));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(folder, { what: 'a test', signal: idle() }, work)));
    expect(most).toBe(1);
    expect(await readdir(dirname(projectPaths(folder).lock))).toEqual([]);
  });

  test('is released when the work fails, and passes its result on', async () => {
    const folder = await temporaryFolder();
    const failing = withLock(folder, { what: 'a test', signal: idle() }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await withLock(folder, { what: 'a test', signal: idle(), wait: 0 }, async () => 42)).toBe(42);
  });

  test('does not wait for ever and names the holder', async () => {
    const folder = await temporaryFolder();
    const error = await withLock(folder, { what: 'mcpgw up', signal: idle() }, () =>
      failureOf(withLock(folder, { what: 'mcpgw down', signal: idle(), wait: 100 }, async () => undefined)),
    );
    expect(error).toMatchObject({
      code: 'PROJECT_BUSY',
      message: expect.stringContaining(`mcpgw up (pid ${process.pid})`),
    });
  });

  test('a wait ends with Ctrl+C', async () => {
    const folder = await temporaryFolder();
    const abort = new AbortController();
    await withLock(folder, { what: 'mcpgw up', signal: idle() }, async () => {
      const waiting = withLock(folder, { what: 'mcpgw down', signal: abort.signal }, async () => undefined);
      abort.abort();
      await expect(waiting).rejects.toThrow(/abort/i);
    });
  });

  test('a lock of a process that is gone is taken over', async () => {
    const folder = await temporaryFolder();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await leaveLock(folder, JSON.stringify({ pid: child.pid, what: 'mcpgw up' }));
    expect(await withLock(folder, { what: 'a test', signal: idle(), wait: 0 }, async () => 'mine')).toBe('mine');
  });

  test('a pid that now belongs to another process does not count', async ({ skip }) => {
    const hasProc = await access('/proc/self/stat').then(
      () => true,
      () => false,
    );
    skip(!hasProc, 'start times of processes are known on Linux only');
    const folder = await temporaryFolder();
    await leaveLock(folder, JSON.stringify({ pid: process.pid, started: '1', what: 'mcpgw up' }));
    expect(await withLock(folder, { what: 'a test', signal: idle(), wait: 0 }, async () => 'mine')).toBe('mine');
  });

  test('many waiters find a stale lock, and still only one is inside', async () => {
    const folder = await temporaryFolder();
    await leaveLock(folder, JSON.stringify({ pid: process.pid, started: '1', what: 'mcpgw up' }));
    let inside = 0;
    const held = Array.from({ length: 8 }, () =>
      withLock(folder, { what: 'a test', signal: idle() }, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await readFile(projectPaths(folder).lock, 'utf8');
        inside -= 1;
      }),
    );
    await Promise.all(held);
  });

  test('a lock that was left empty, by a full disk or a kill over its writing, is taken over', async () => {
    const folder = await temporaryFolder();
    await leaveLock(folder, '');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(projectPaths(folder).lock, longAgo, longAgo);
    expect(await withLock(folder, { what: 'a test', signal: idle() }, async () => 'done')).toBe('done');
  });

  test('an unreadable lock is told with the command that removes it', async () => {
    const folder = await temporaryFolder();
    await leaveLock(folder, 'not json');
    const error = await failureOf(withLock(folder, { what: 'a test', signal: idle(), wait: 0 }, async () => undefined));
    expect(error).toMatchObject({ code: 'PROJECT_BUSY', fix: `rm '${projectPaths(folder).lock}'` });
  });
});

async function leaveLock(folder: string, text: string): Promise<void> {
  const { lock } = projectPaths(folder);
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, text);
}

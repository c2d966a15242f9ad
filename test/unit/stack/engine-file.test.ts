import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { socketPath } from '../../../src/stack/embedded/control-protocol.ts';
import { listenForControl } from '../../../src/stack/embedded/control-server.ts';
import {
  cleanUpAfter,
  engineFile,
  findEngine,
  writeRecord,
  type EngineRecord,
} from '../../../src/stack/embedded/engine-file.ts';
import { identify, isAlive } from '../../../src/stack/process-identity.ts';

let state = '';
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'mcpgw-engine-'));
});
afterEach(async () => rm(state, { recursive: true, force: true }));

async function recordOfThisProcess(): Promise<EngineRecord> {
  const self = await identify(process.pid);
  return {
    pid: process.pid,
    start: self?.start ?? '',
    version: '1.0.0',
    socket: socketPath(state),
    startedAt: '2026-11-25T10:00:00.000Z',
    gateway: { url: 'https://localhost:8443' },
    children: [],
  };
}

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

describe('engine.json', () => {
  test('is private, and tells of a running engine', async () => {
    const record = await recordOfThisProcess();
    await writeRecord(state, record);
    expect(await findEngine(state)).toEqual({ kind: 'running', socket: record.socket, record });
    expect((await stat(engineFile(state))).mode & 0o777).toBe(0o600);
  });

  test('of a project that was copied while it ran is the other one’s; of one that was moved it is its own', async () => {
    const other = await mkdtemp(join(tmpdir(), 'mcpgw-engine-'));
    onTestFinished(async () => rm(other, { recursive: true, force: true }));
    const record = { ...(await recordOfThisProcess()), stateFolder: other, socket: socketPath(other) };
    await writeRecord(other, record);
    await writeRecord(state, record);
    expect(await findEngine(state)).toEqual({ kind: 'none' });
    expect(await findEngine(other)).toMatchObject({ kind: 'running' });
    await rm(other, { recursive: true });
    expect(await findEngine(state)).toMatchObject({ kind: 'running', record });
  });

  test('no file, and no engine', async () => {
    expect(await findEngine(state)).toEqual({ kind: 'none' });
  });

  test.each(['', '{', '[]', '{"pid":"x"}'])('a file that holds %j is no engine', async (text) => {
    await writeFile(engineFile(state), text);
    expect(await findEngine(state)).toEqual({ kind: 'none' });
  });

  test('is stale when its number belongs to another process since', async () => {
    const record = { ...(await recordOfThisProcess()), start: 'an earlier boot' };
    await writeRecord(state, record);
    expect(await findEngine(state)).toEqual({ kind: 'stale', record });
  });

  test('an engine whose file was deleted is found by its socket', async () => {
    const control = await listenForControl(socketPath(state), async () => ({}));
    onTestFinished(async () => control.close());
    expect(await findEngine(state)).toEqual({ kind: 'running', socket: socketPath(state) });
  });

  test('what a dead engine left is removed: its servers, its socket, its file, and no other file', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const identity = await identify(child.pid ?? 0);
    if (!identity) throw new Error('the process is not there');
    const foreign = join(state, 'foreign.sock');
    await writeFile(foreign, '');
    const children = [
      { name: 'mine', ...identity },
      { name: 'not mine', pid: process.pid, start: 'another' },
    ];
    const record = { ...(await recordOfThisProcess()), start: 'gone', socket: foreign, children };
    await writeRecord(state, record);
    expect(await cleanUpAfter(state, record)).toEqual(['mine']);
    expect(await isAlive(identity)).toBe(false);
    expect([await exists(engineFile(state)), await exists(foreign)]).toEqual([false, true]);
  });
});

describe('control socket', () => {
  test('lies in the temp folder when its path would be too long', () => {
    expect(socketPath('/home/u/gw/.mcpgw')).toBe('/home/u/gw/.mcpgw/engine.sock');
    const long = socketPath(`/home/${'x'.repeat(200)}/.mcpgw`);
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(103);
    expect(long).not.toBe(socketPath(`/home/${'y'.repeat(200)}/.mcpgw`));
  });
});

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { connectToEngine, ConnectionLost, type ControlClient } from '../../../src/stack/embedded/control-client.ts';
import { listenForControl, type Answer, type ControlServer } from '../../../src/stack/embedded/control-server.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-control-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

async function open(answer: Answer): Promise<{ server: ControlServer; client: ControlClient; path: string }> {
  const path = join(folder, 's.sock');
  const server = await listenForControl(path, answer);
  onTestFinished(async () => server.close());
  const client = await connectToEngine(path);
  if (!client) throw new Error('nobody listens');
  onTestFinished(() => client.close());
  return { server, client, path };
}

describe('control socket', () => {
  test('answers requests side by side, with progress before the result', async () => {
    const slow = Promise.withResolvers<void>();
    const { client } = await open(async ({ method, service }, progress) => {
      if (method === 'watch') {
        progress({ part: 'gateway', state: 'ready', text: 'up' });
        await slow.promise;
      }
      return { method, service };
    });
    const events: unknown[] = [];
    const watching = client.request('watch', { progress: (event) => events.push(event) });
    expect(await client.request('restart-service', { service: 'mine' })).toEqual({
      method: 'restart-service',
      service: 'mine',
    });
    slow.resolve();
    expect(await watching).toEqual({ method: 'watch' });
    expect(events).toEqual([{ part: 'gateway', state: 'ready', text: 'up' }]);
  });

  test('a client that goes away in the middle of an answer harms nobody', async () => {
    const answered = Promise.withResolvers<void>();
    const { path, client } = await open(async ({ method }, progress) => {
      if (method !== 'watch') return { method };
      // More than a socket's buffer holds, so that the writes meet a connection that is gone.
      for (let i = 0; i < 50; i++) {
        progress({ part: 'gateway', state: 'working', text: 'x'.repeat(100_000) });
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      answered.resolve();
      return {};
    });
    const rude = connect(path);
    rude.write('{"id":1,"method":"watch"}\n');
    rude.once('readable', () => rude.destroy());
    await answered.promise;
    expect(await client.request('status')).toEqual({ method: 'status' });
  });

  test('may be opened by its owner only', async () => {
    const { path } = await open(async () => ({}));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('carries an error with its code, reason and fix', async () => {
    const { client } = await open(async () => {
      throw new CliError({ code: 'PORT_BUSY', message: 'port 1 is taken', why: 'by nginx', fix: 'stop it' });
    });
    const failure = await client.request('reload').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CliError);
    expect(failure).toMatchObject({ code: 'PORT_BUSY', message: 'port 1 is taken', why: 'by nginx', fix: 'stop it' });
  });

  test('rejects what was asked when the engine goes away', async () => {
    const { client, server } = await open(async () => new Promise(() => undefined));
    const asked = client.request('status').catch((error: unknown) => error);
    await server.close();
    expect(await asked).toBeInstanceOf(ConnectionLost);
    await expect(client.request('status')).rejects.toBeInstanceOf(ConnectionLost);
  });

  test('gives up when told to', async () => {
    const { client } = await open(async () => new Promise(() => undefined));
    const abort = new AbortController();
    const asked = client.request('watch', { signal: abort.signal }).catch((error: unknown) => error);
    abort.abort(new Error('late'));
    expect(await asked).toMatchObject({ message: 'late' });
  });

  test('closes on rubbish and goes on serving others', async () => {
    const { client, path } = await open(async () => 'fine');
    const socket = connect({ path });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('rubbish\n');
    await closed;
    expect(await client.request('status')).toBe('fine');
  });

  test('nobody listens: no client, whether the file is missing or left over', async () => {
    const { server, client, path } = await open(async () => ({}));
    client.close();
    await server.close();
    expect(await connectToEngine(path)).toBeUndefined();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createHostMap } from '../../../src/stack/embedded/host-map.ts';
import { relay } from '../../../src/stack/embedded/ipv6-mirror.ts';
import { findFreePort } from '../../../src/stack/free-port.ts';
import { assertPortFree } from '../../../src/stack/port-busy.ts';

async function listen(
  host: string,
  answer: (text: string) => string = String,
): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => socket.end(answer(chunk.toString('utf8'))));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port: 0 }, resolve);
  await promise;
  onTestFinished(() => void server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

function ask(host: string, port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host, port });
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString('utf8')));
  socket.once('error', reject);
  socket.once('end', () => resolve(answer));
  socket.write(text);
  return promise;
}

const LOCAL = { host: '127.0.0.1', port: 0 };

describe('loopback', () => {
  test('a relay passes both directions on, to the end of each, until it is closed', async () => {
    const { port } = await listen('127.0.0.1', (text) => `heard ${text}`);
    const open = await relay(LOCAL, { host: '127.0.0.1', port });
    if (!open) throw new Error('no relay');
    expect(await ask('127.0.0.1', open.port, 'hello')).toBe('heard hello');
    await open.close();
    await expect(ask('127.0.0.1', open.port, 'hello')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a relay whose target is gone closes the connection and lives on', async () => {
    const { port } = await listen('127.0.0.1');
    const gone = await findFreePort();
    const open = await relay(LOCAL, { host: '127.0.0.1', port: gone });
    onTestFinished(async () => open?.close());
    const socket = connect({ host: '127.0.0.1', port: open?.port ?? 0 });
    socket.on('error', () => undefined);
    await once(socket, 'close');
    expect(await relay({ host: '127.0.0.1', port }, { host: '127.0.0.1', port: gone })).toBeUndefined();
  });

  test('a busy port is refused with its number and a fix', async () => {
    const { port } = await listen('127.0.0.1');
    await expect(assertPortFree(port, 'the gateway', 'or move it')).rejects.toMatchObject({
      code: 'PORT_BUSY',
      message: expect.stringMatching(new RegExp(`^port ${port} \\(the gateway\\) is held by `)) as unknown,
      fix: expect.stringContaining('or move it') as unknown,
      details: { port },
    });
  });
});

describe('names of upstreams', () => {
  test('a service of the project leads to where it listens here, whatever port is named', () => {
    const hosts = createHostMap();
    hosts.set('Mine', 4711);
    expect(hosts.resolve('mine', 8080)).toEqual({ host: '127.0.0.1', port: 4711 });
    hosts.delete('mine');
    expect(hosts.resolve('mine', 8080)).toBeUndefined();
  });

  test('Docker’s name for the machine, and local names, are this machine; others are left to DNS', () => {
    const { resolve } = createHostMap();
    expect(resolve('host.docker.internal', 3000)).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(resolve('idp.localhost', 9080)).toEqual({ host: '127.0.0.1', port: 9080 });
    expect(resolve('api.example.com', 443)).toBeUndefined();
  });
});

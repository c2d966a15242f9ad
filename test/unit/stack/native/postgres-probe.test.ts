import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acceptsSessions } from '../../../../src/stack/native/postgres-probe.ts';

async function database(answer: (socket: Socket, message: Buffer) => void): Promise<number> {
  const server = createServer((socket) => socket.once('data', (message) => answer(socket, message)));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('whether a database takes sessions', () => {
  test('yes, once it asks for a password; it is told user and database', async () => {
    let told = '';
    const port = await database((socket, message) => {
      told = message.subarray(8).toString('latin1').replaceAll('\0', ' ').trim();
      expect([message.readInt32BE(0), message.readInt32BE(4)]).toEqual([message.length, 196_608]);
      socket.end(Buffer.from('R\0\0\0\x08\0\0\0\x0a', 'latin1'));
    });
    expect(await acceptsSessions(port)).toBe(true);
    expect(told).toBe('user pomerium database pomerium');
  });

  test.each<[string, (socket: Socket) => void]>([
    ['starting up', (socket) => void socket.end('E\0\0\0\x05\0')],
    ['closing at once', (socket) => void socket.destroy()],
  ])('no, while it is %s', async (_name, answer) => {
    expect(await acceptsSessions(await database(answer))).toBe(false);
  });

  test('no, where nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect(await acceptsSessions(port)).toBe(false);
  });
});

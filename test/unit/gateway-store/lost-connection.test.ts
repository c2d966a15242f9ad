import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openPool } from '../../../src/gateway/identity/postgres/pg.ts';
import { parseTarget } from '../../../src/gateway/identity/postgres/target.ts';

// PostgreSQL's frontend/backend protocol, §55.7: AuthenticationOk, ReadyForQuery (idle).
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/** Lets everybody in, and is gone at the first statement. */
async function startVanishing(): Promise<{ url: string; visits: () => number }> {
  let visits = 0;
  const server = createServer((socket: Socket) => {
    visits += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(WELCOME);
      socket.once('data', () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `postgresql://mcpgw@127.0.0.1:${port}/mcpgw?sslmode=disable`, visits: () => visits };
}

// Without a listener the library's second report of it would be an uncaught exception, and fail the run.
test('a connection that is lost in the middle of a statement fails the statement and nothing else', async () => {
  const { url, visits } = await startVanishing();
  const pool = openPool(
    () => parseTarget(url, () => undefined),
    () => undefined,
  );
  await expect(pool.query('SELECT 1')).rejects.toThrow();
  await expect(pool.transaction(async (queries) => queries.query('SELECT 2'))).rejects.toThrow();
  expect(visits()).toBe(2);
  await pool.close();
});

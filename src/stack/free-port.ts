import { createServer } from 'node:net';

/** A port of loopback that nobody held a moment ago, and none of `meant`, which somebody is about to take. */
export async function findFreePort(meant: readonly (number | undefined)[] = []): Promise<number> {
  let port = await freePort();
  while (meant.includes(port)) port = await freePort();
  return port;
}

function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host: '127.0.0.1', port: 0 }, () => {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close(() => resolve(port));
  });
  return promise;
}

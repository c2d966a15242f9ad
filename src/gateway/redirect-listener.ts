import type { Log } from '../net/log.ts';
import { createServer } from './node-http.ts';

/** The plain listener of `http_redirect_addr`, which sends everybody to https. Undefined: none is wanted, or its port is taken. */
export async function redirectToHttps(
  address: string | undefined,
  log: Log,
): Promise<{ close(): Promise<void> } | undefined> {
  const match = /^(.*):(\d{1,5})$/.exec(address?.replaceAll(/["']/g, '') ?? '');
  if (!match) return undefined;
  const server = createServer((request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const target = request.url?.startsWith('/') ? request.url : '/';
    if (!/^[\w.-]+$/.test(host)) response.writeHead(400).end();
    else response.writeHead(301, { location: `https://${host}${target}`, server: 'envoy' }).end();
  });
  const { promise, resolve } = Promise.withResolvers<Error | undefined>();
  server.once('error', resolve);
  server.listen({ host: match[1] || '127.0.0.1', port: Number(match[2]), exclusive: true }, () => resolve(undefined));
  const error = await promise;
  if (error) {
    log({ level: 'warn', message: `http_redirect_addr ${address} cannot be listened on`, error: error.message });
    return undefined;
  }
  return {
    close: () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  };
}

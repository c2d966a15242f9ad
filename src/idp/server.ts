import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CliError } from '../errors.ts';
import { findPortHolder } from '../net/ports.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Milliseconds that requests in flight are given when the server closes. */
const GRACE = 1000;

/** With `tls`, PEM texts, it speaks HTTPS. Throws CliError PORT_BUSY when somebody listens there already. */
export async function listen(
  listener: Listener,
  { host, port }: { host: string; port: number },
  tls?: { cert: string; key: string },
): Promise<Server> {
  const server: Server = tls ? createSecureServer(tls, listener) : createServer(listener);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, exclusive: true }, resolve);
  try {
    await promise;
    return server;
  } catch (error) {
    throw await explain(error, host, port);
  }
}

export function addressOf(server: Server): { host: string; port: number } {
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}

export async function stop(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  await promise.finally(() => clearTimeout(timer));
}

async function explain(error: unknown, host: string, port: number): Promise<unknown> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return portBusy(port, error);
  const reasons: Record<string, string> = {
    EADDRNOTAVAIL: `${host} is no address of this machine`,
    ENOTFOUND: `there is no host ${host}`,
    EACCES: `ports below 1024 need root here`,
  };
  const why = typeof code === 'string' ? reasons[code] : undefined;
  if (why === undefined) return error;
  const message = `the identity provider cannot listen on ${host}:${port}`;
  return new CliError({
    code: 'LISTEN_FAILED',
    message,
    why,
    fix: 'listen on 127.0.0.1 and a port above 1023',
    cause: error,
  });
}

async function portBusy(port: number, cause: unknown): Promise<CliError> {
  const holder = await findPortHolder(port);
  return new CliError({
    code: 'PORT_BUSY',
    message: `the identity provider’s port ${port} is held by ${holder ? `${holder.command} (pid ${holder.pid})` : 'another program'}`,
    fix: holder
      ? `kill ${holder.pid}, or give the identity provider another port`
      : 'give the identity provider another port',
    cause,
  });
}

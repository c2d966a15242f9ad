import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CliError } from '../errors.ts';
import { abortError } from './http.ts';
import { ERROR_PAGE, PAGE_HEADERS, STRAY_PAGE, SUCCESS_PAGE } from './pages.ts';

const HOST = '127.0.0.1';
export const CALLBACK_PATH = '/callback';

/** Waits on loopback for the redirect that ends a sign-in (RFC 8252 §7.3). */
export interface LoopbackListener {
  redirectUri: string;
  /**
   * Waits for the first redirect with this state, has it checked, and tells the browser how that went. Redirects with another
   * state are turned away.
   */
  wait<T>(state: string, signal: AbortSignal, check: (parameters: URLSearchParams) => T): Promise<T>;
  close(): void;
}

interface Arrival {
  parameters: URLSearchParams;
  response: ServerResponse;
}

/** Listens on 127.0.0.1 only. Port 0 takes any free one. Throws CALLBACK_PORT_BUSY. */
export async function listenForCallback(port: number): Promise<LoopbackListener> {
  const arrivals: Arrival[] = [];
  const bell = new EventEmitter();
  const server = createServer((request, response) => {
    const parameters = callbackParameters(request);
    if (!parameters) return answer(response, 404, STRAY_PAGE);
    arrivals.push({ parameters, response });
    bell.emit('arrival');
  });
  // Browsers open connections that they never use; these must not keep the process alive.
  server.on('connection', (socket) => socket.unref());
  await listen(server, port);
  const { port: bound } = server.address() as AddressInfo;
  return {
    redirectUri: `http://${HOST}:${bound}${CALLBACK_PATH}`,
    async wait(state, signal, check) {
      for (;;) {
        const next = arrivals.shift();
        if (next?.parameters.get('state') === state) return conclude(next, check);
        // Somebody else's redirect, or one of an older try: the right one may still come.
        if (next) answer(next.response, 400, ERROR_PAGE);
        else await rung(bell, signal);
      }
    },
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

function conclude<T>({ parameters, response }: Arrival, check: (parameters: URLSearchParams) => T): T {
  try {
    const checked = check(parameters);
    answer(response, 200, SUCCESS_PAGE);
    return checked;
  } catch (error) {
    answer(response, 400, ERROR_PAGE);
    throw error;
  }
}

async function rung(bell: EventEmitter, signal: AbortSignal): Promise<void> {
  try {
    await once(bell, 'arrival', { signal });
  } catch {
    throw abortError(signal);
  }
}

function callbackParameters({ method, url = '/' }: IncomingMessage): URLSearchParams | undefined {
  const base = `http://${HOST}`;
  if (method !== 'GET' || !URL.canParse(url, base)) return undefined;
  const { pathname, searchParams } = new URL(url, base);
  return pathname === CALLBACK_PATH ? searchParams : undefined;
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, PAGE_HEADERS).end(body);
}

async function listen(server: Server, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => {
    reject(
      new CliError({
        code: 'CALLBACK_PORT_BUSY',
        message: `port ${port} on ${HOST} cannot be used for the sign-in's redirect: ${error.code === 'EADDRINUSE' ? 'it is taken' : error.message}`,
        fix: 'leave --callback-port out, or name a free port',
        cause: error,
      }),
    );
  });
  server.listen({ host: HOST, port }, resolve);
  await promise;
}

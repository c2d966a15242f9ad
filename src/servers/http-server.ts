import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../net/log.ts';
import { acceptsBoth } from './accept.ts';
import { batchRefusal, dropNulls, readJsonBody } from './body.ts';
import { createDrain, type Drain } from './drain.ts';
import type { Guard } from './guard.ts';
import type { McpEndpoint } from './mcp.ts';

export interface HttpServerOptions {
  /** Path -> what answers there; nothing but the exact path counts. */
  endpoints: ReadonlyMap<string, McpEndpoint>;
  listen: { host: string; port: number };
  guard: Guard;
  log: Log;
}

export interface RunningServer {
  address: { host: string; port: number };
  /** Lets calls in flight finish, for 10 s at most, then closes every socket. */
  close(): Promise<void>;
}

/** An assertion that lists hundreds of groups fits; Go's servers take as much. */
const MAX_HEADERS = 1024 * 1024;
/** Milliseconds for a whole request to arrive; a body that stops half way does not hold a socket for ever. */
const REQUEST_TIMEOUT = 30_000;
/** Longer than a gateway keeps an unused connection: the end that sends requests has to be the one that closes. */
const KEEP_ALIVE = 75_000;
const GRACE = 10_000;

/** Rejects with node's own error when the address cannot be listened on. */
export async function startHttpServer({ endpoints, listen, guard, log }: HttpServerOptions): Promise<RunningServer> {
  const drain = createDrain();
  const limits = { maxHeaderSize: MAX_HEADERS, requestTimeout: REQUEST_TIMEOUT, keepAliveTimeout: KEEP_ALIVE };
  const server = createServer(limits, (request, response) => {
    answer({ endpoints, guard, drain, log }, request, response).catch((error: unknown) => {
      log({ level: 'debug', message: 'request broken off', reason: String(error) });
      response.destroy();
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(listen, resolve);
  await promise;
  const { address, port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return { address: { host: address, port }, close: async () => (closing ??= stop(server, endpoints, drain)) };
}

async function stop(server: Server, endpoints: ReadonlyMap<string, McpEndpoint>, drain: Drain): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  await drain.finish(GRACE);
  await Promise.all([...endpoints.values()].map(async (endpoint) => endpoint.close()));
  server.closeAllConnections();
  await closed;
}

interface Parts {
  endpoints: ReadonlyMap<string, McpEndpoint>;
  guard: Guard;
  drain: Drain;
  log: Log;
}

async function answer(
  { endpoints, guard, drain, log }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = pathOf(request.url ?? '');
  if (path === '/healthz') return reply(response, 200, 'text/plain; charset=utf-8', 'ok\n');
  const refusal = guard.refusal(request.headers.host, request.headers.origin);
  if (refusal) {
    log({
      level: 'warn',
      message: 'request refused',
      reason: refusal,
      fix: 'allow it with --allowed-hosts or --allowed-origins',
    });
    return replyError(response, 403, -32000, refusal);
  }
  const endpoint = endpoints.get(path);
  if (!endpoint) return reply(response, 404, 'text/plain; charset=utf-8', '404 page not found\n');
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    return replyError(response, 405, -32000, `Method not allowed: ${path} is stateless and answers POST only`);
  }
  if (drain.isStopping()) {
    response.shouldKeepAlive = false;
    return replyError(response, 503, -32000, 'The server is stopping');
  }
  return drain.track(request, response, async () => answerPost(endpoint, request, response));
}

async function answerPost(endpoint: McpEndpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!acceptsBoth(request.headers.accept)) {
    return replyError(response, 406, -32000, "Accept must contain both 'application/json' and 'text/event-stream'");
  }
  // The SDK looks for the two names as they are written here.
  request.headers.accept = 'application/json, text/event-stream';
  // An empty header says as little as none.
  if (request.headers['mcp-protocol-version'] === '') delete request.headers['mcp-protocol-version'];
  const body = await readJsonBody(request);
  if (body.kind === 'refused') {
    // What is left of a body that is too large is not read.
    if (body.status === 413) response.setHeader('Connection', 'close');
    return replyError(response, body.status, body.code, body.reason);
  }
  const version = request.headers['mcp-protocol-version'];
  const refusal = batchRefusal(body.value, typeof version === 'string' ? version : undefined);
  if (refusal) return replyError(response, 400, -32600, refusal);
  return endpoint.handle(request, response, dropNulls(body.value));
}

function pathOf(url: string): string {
  const [path = ''] = url.split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function replyError(response: ServerResponse, status: number, code: number, message: string): void {
  reply(response, status, 'application/json', JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}

function reply(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(text);
}

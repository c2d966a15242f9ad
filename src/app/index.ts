import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fetch } from '../net/fetch.ts';
import type { Log } from '../net/log.ts';
import { createChats } from './chat/chats.ts';
import { createModel } from './chat/create-model.ts';
import type { LlmSettings } from './chat/model.ts';
import { createForgeryGuard } from './forgery.ts';
import { createGatewayClient } from './gateway.ts';
import { send } from './http.ts';
import { strangerPage } from './pages/errors.ts';
import { ASSETS } from './pages/layout.ts';
import { route } from './router.ts';
import type { Site } from './site.ts';
import { createIdentify, type Identify } from './visitor.ts';

export { appSettings, type AppFlags } from './settings.ts';

export interface AppOptions {
  /** The application's own address at the gateway: a client route with `pass_identity_headers: true`. */
  url: URL;
  listen: { host: string; port: number };
  llm?: LlmSettings;
  /** For the gateway, its keys and its servers. */
  fetch: Fetch;
  /** For the API of the LLM. */
  llmFetch: Fetch;
  log: Log;
}

export interface RunningApp {
  address: { host: string; port: number };
  close(): Promise<void>;
}

/** An assertion that lists hundreds of groups fits, as it does in the servers. */
const MAX_HEADERS = 1024 * 1024;
/** Longer than a gateway keeps an unused connection: the end that sends requests has to be the one that closes. */
const KEEP_ALIVE = 75_000;
const YEAR = 31_536_000;

/** Runs the demo application. Rejects with node's own error when it cannot listen. */
export async function startApp(options: AppOptions): Promise<RunningApp> {
  const { url, fetch, llmFetch, llm, log, listen } = options;
  const site: Site = {
    url,
    fetch,
    log,
    gateway: createGatewayClient(url, fetch),
    forgery: createForgeryGuard(url.origin),
    chats: createChats(llm && createModel(llm, llmFetch)),
  };
  const identify = createIdentify(url, fetch);
  const server = createServer({ maxHeaderSize: MAX_HEADERS, keepAliveTimeout: KEEP_ALIVE }, (request, response) => {
    answer(site, identify, request, response).catch((error: unknown) => {
      log({ level: 'debug', message: 'request broken off', reason: String(error) });
      response.destroy();
    });
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(listen, resolve);
  await promise;
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    close: async () => {
      site.chats.close();
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  site: Site,
  identify: Identify,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A base of its own, so that `//elsewhere/x` stays a path.
  const asked = URL.parse(`http://app${request.url ?? '/'}`);
  if (!asked) return plain(response, 400, 'Bad request\n');
  const { pathname, searchParams } = asked;
  const isHead = request.method === 'HEAD';
  if (pathname === '/healthz') return plain(response, 200, 'ok\n');
  const asset = ASSETS.get(pathname);
  if (asset) {
    response.writeHead(200, {
      'Content-Type': asset.type,
      'Cache-Control': `private, max-age=${YEAR}, immutable`,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(isHead ? undefined : asset.text);
    return;
  }
  if (!['GET', 'HEAD', 'POST'].includes(request.method ?? '')) {
    response.setHeader('Allow', 'GET, HEAD, POST');
    return plain(response, 405, 'Method not allowed\n');
  }
  const visitor = await identify(request);
  if ('refused' in visitor) {
    site.log({ level: 'warn', message: 'not signed in', path: pathname, reason: visitor.refused });
    return send(response, strangerPage(visitor.refused, site.url), isHead);
  }
  site.chats.refresh(visitor);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const visit = { site, visitor, query: searchParams, signal: gone.signal };
  send(response, await route(visit, request, pathname), isHead);
}

function plain(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
    .end(text);
}

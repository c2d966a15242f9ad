import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostHeaderValidation, originValidation, toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  createRequestStateCodec,
  isLegacyRequest,
  McpServer,
  type McpHttpHandler,
  type McpRequestContext,
  type RequestStateCodec,
  type ServerNotifier,
} from '@modelcontextprotocol/server';
import { registerAskTools } from './everything/ask-tools.ts';
import { registerContentTools } from './everything/content-tools.ts';
import { registerInputTools, type Remembered } from './everything/input-tools.ts';
import { registerPrompts } from './everything/prompts.ts';
import { registerResources } from './everything/resources.ts';
import { Sessions } from './everything/sessions.ts';
import { registerStreamTools } from './everything/stream-tools.ts';

export interface EverythingServer {
  port: number;
  close(): Promise<void>;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * A server with every tool, resource and prompt that the official suite calls: with sessions for the revisions up to 2025-11-25,
 * without for 2026-07-28. It stands on the official SDK, so that what fails through a gateway is the gateway's doing.
 */
export async function startEverythingServer(): Promise<EverythingServer> {
  const codec = createRequestStateCodec<Remembered>({ key: randomBytes(32) });
  const modern: McpHttpHandler = createMcpHandler(({ era }) => build(era, codec, () => modern.notify), {
    legacy: 'reject',
  });
  const sessions = new Sessions(() => build('legacy', codec, () => modern.notify));
  const answer = toNodeHandler({
    fetch: async (request) => ((await isLegacyRequest(request)) ? sessions.fetch(request) : modern.fetch(request)),
  });
  const [isHostAllowed, isOriginAllowed] = [hostHeaderValidation(LOOPBACK), originValidation(LOOPBACK)];
  const http = createServer((request, response) => {
    if (isHostAllowed(request, response) && isOriginAllowed(request, response)) void answer(request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  http.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (http.address() as AddressInfo).port,
    close: async () => {
      await Promise.all([modern.close(), sessions.close()]);
      http.closeAllConnections();
      await new Promise((done) => http.close(done));
    },
  };
}

function build(
  era: McpRequestContext['era'],
  codec: RequestStateCodec<Remembered>,
  notify: () => ServerNotifier,
): McpServer {
  const subscribable = era === 'legacy' ? { resources: { subscribe: true, listChanged: true } } : {};
  const server = new McpServer(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: { logging: {}, ...subscribable },
      requestState: { verify: async (state, context) => codec.verify(state, context) },
    },
  );
  registerContentTools(server);
  registerStreamTools(server, notify);
  registerInputTools(server, codec);
  registerPrompts(server);
  registerResources(server);
  if (era === 'legacy') registerLegacy(server);
  return server;
}

/** What 2026-07-28 did away with. */
function registerLegacy(server: McpServer): void {
  registerAskTools(server);
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
}

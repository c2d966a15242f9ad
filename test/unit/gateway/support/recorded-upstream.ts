import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';

export interface RecordedServer {
  port: number;
  close(): Promise<void>;
}

/** Answers in place of the upstream's tools, and says so. */
export type Guard = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The MCP upstream that stood behind the recordings: tools echo, headers and secret at /mcp. */
export function startRecordedUpstream(guard?: Guard, tls?: { cert: string; key: string }): Promise<RecordedServer> {
  return startServer((request, response, body) => {
    if (!guard?.(request, response)) serve(request, response, body);
  }, tls);
}

/** The application that stood behind client and plain routes: it tells the request line and headers that it got. */
export function startRecordedApp(): Promise<RecordedServer> {
  return startServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-app': '1' });
    response.end(JSON.stringify({ app: `${request.method} ${request.url}`, headers: lines(request) }));
  });
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

export async function startServer(answer: Answer, tls?: { cert: string; key: string }): Promise<RecordedServer> {
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return { port: ((server as Server).address() as AddressInfo).port, close: () => closeServer(server) };
}

function closeServer(server: ReturnType<typeof createServer>): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeAllConnections();
  return closed.promise;
}

function serve(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const path = (request.url ?? '').split('?')[0] ?? '';
  if (path === '/teapot') {
    response.writeHead(418, { 'content-type': 'text/plain' }).end('teapot');
    return;
  }
  const json = (status: number, value: unknown, extra: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...extra, 'x-upstream-saw': request.url ?? '' });
    response.end(JSON.stringify(value));
  };
  if (!['/', '/mcp', '/mcp/'].includes(path)) return json(404, { upstream: 'no such path', saw: request.url });
  if (request.method !== 'POST') {
    return json(request.method === 'GET' ? 405 : 200, { upstream: request.method, headers: lines(request) });
  }
  let message: unknown;
  try {
    // Unlike most, this upstream refuses a byte order mark.
    message = JSON.parse(body.toString('latin1').startsWith('\u00ef\u00bb\u00bf') ? '' : body.toString('utf8'));
  } catch {
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"upstream: bad json"}');
    return;
  }
  const messages = (Array.isArray(message) ? message : [message]) as Message[];
  const results = messages.filter(({ id }) => id !== undefined).map((one) => call(request, one, body.length));
  if (results.length === 0) response.writeHead(202).end();
  else json(200, Array.isArray(message) ? results : results[0], { 'mcp-session-id': 's1' });
}

interface Message {
  id?: unknown;
  method?: string;
  params?: { name?: string; arguments?: unknown };
}

function call(request: IncomingMessage, { id, method, params }: Message, size: number): unknown {
  const tool = params?.name;
  const text = (value: string) => ({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: value }] } });
  if (method === 'tools/list') {
    const tools = ['echo', 'headers', 'secret'].map((name) => ({ name, inputSchema: { type: 'object' } }));
    return { jsonrpc: '2.0', id, result: { tools } };
  }
  if (method === 'initialize') {
    const serverInfo = { name: 'plain-upstream', version: '1' };
    return { jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo } };
  }
  if (method !== 'tools/call') return { jsonrpc: '2.0', id, result: {} };
  if (tool === 'secret') return text('SECRET RAN');
  if (tool === 'headers') {
    return text(JSON.stringify({ request: `${request.method} ${request.url}`, headers: lines(request) }));
  }
  return text(`echo:${JSON.stringify(params?.arguments ?? {}).slice(0, 40)} (${size} bytes in)`);
}

function lines(request: IncomingMessage): string[] {
  const list: string[] = [];
  const raw = request.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) list.push(`${raw[i]}: ${raw[i + 1]}`);
  return list;
}

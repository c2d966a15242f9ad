import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Pebble } from './pebble.ts';

/** An answer that a test puts in the place of Pebble's. */
export interface Instead {
  status: number;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
}

export interface Asked {
  path: string;
  /** What the signed request says; an empty object for POST-as-GET. */
  payload: Record<string, unknown>;
}

export interface Front {
  directory: string;
  /** Every request so far. */
  asked: Asked[];
  stop: () => Promise<void>;
}

/** Answers an answer of Pebble's with another; undefined leaves it. */
export type Change = (asked: Asked, body: Record<string, unknown>) => Instead | undefined;

/** Stands before Pebble under its own certificate: for problems that Pebble never has, such as CAA and rate limits. */
export async function startFront(pebble: Pebble, change: Change = () => undefined): Promise<Front> {
  const asked: Asked[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const one: Asked = { path: request.url ?? '/', payload: payloadOf(body) };
    asked.push(one);
    const { host = '' } = request.headers;
    const answer = await pebble.fetch(new URL(one.path, pebble.directory), {
      method: request.method ?? 'GET',
      // Pebble writes its URLs from this header, so all of them lead through here.
      headers: { host, ...contentType(request.headers) },
      ...(body.length > 0 ? { body } : {}),
    });
    const text = await answer.text();
    const headers = Object.fromEntries(answer.headers);
    delete headers['content-length'];
    const instead = change(one, parse(text));
    response.writeHead(instead?.status ?? answer.status, { ...headers, ...instead?.headers });
    response.end(instead ? JSON.stringify(instead.body) : text);
  };
  const server = createServer(pebble.certificate, (request, response) => void handle(request, response));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  return {
    directory: `https://localhost:${port}/dir`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      await closed;
    },
  };
}

function contentType(headers: IncomingHttpHeaders): Record<string, string> {
  const type = headers['content-type'];
  return type === undefined ? {} : { 'content-type': type };
}

function payloadOf(body: Buffer): Record<string, unknown> {
  const { payload } = parse(body.toString());
  return typeof payload === 'string' ? parse(Buffer.from(payload, 'base64url').toString()) : {};
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Asked {
  method: string;
  /** Path with query, as it came. */
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface MockProvider {
  url: string;
  asked: Asked[];
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** A text as it is, anything else as JSON; absent: the answer never comes. */
  body?: unknown;
}

export type Answers = (asked: Asked, nth: number) => Reply | ((response: ServerResponse) => void);

/** A provider's API on loopback that answers as the test says. `nth` counts the requests from 1. */
export async function mockProvider(answers: Answers): Promise<MockProvider> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      asked.push(one);
      reply(response, answers(one, asked.length));
    })();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function reply(response: ServerResponse, answer: ReturnType<Answers>): void {
  if (typeof answer === 'function') return answer(response);
  const { status = 200, headers = {}, body } = answer;
  if (body === undefined && status === 200) return;
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

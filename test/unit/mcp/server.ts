import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  headers: IncomingMessage['headers'];
  message: { id?: unknown; method?: string; params?: Record<string, unknown>; error?: unknown };
}

export interface Served {
  url: URL;
  seen: Seen[];
  close(): Promise<void>;
}

/** A server that records what it gets and answers as the test says. */
export async function serve(answer: (seen: Seen, response: ServerResponse) => void): Promise<Served> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const one: Seen = {
        method: request.method ?? '',
        headers: request.headers,
        message: text === '' ? {} : (JSON.parse(text) as Seen['message']),
      };
      seen.push(one);
      answer(one, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`),
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

export function result({ message }: Seen, value: unknown): unknown {
  return { jsonrpc: '2.0', id: message.id, result: value };
}

export function rpcFailure({ message }: Seen, code: number, text: string, data?: unknown): unknown {
  return { jsonrpc: '2.0', id: message.id, error: { code, message: text, ...(data === undefined ? {} : { data }) } };
}

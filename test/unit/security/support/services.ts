import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server as AnyServer } from 'node:net';
import type { TestCertificate } from '../../gateway/support/certificate.ts';

export interface Received {
  method: string;
  url: string;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  body: string;
}

/** An upstream that keeps what it receives, and answers like an MCP server that has little to say. */
export class Echo {
  readonly received: Received[] = [];
  /** Takes the place of the answer. */
  handler: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  readonly #server: Server = createServer((request, response) => void this.#answer(request, response));

  start(): Promise<number> {
    return listening(this.#server);
  }

  /** What clients sent; the gateway itself looks for metadata during an authorization. */
  get calls(): Received[] {
    return this.received.filter(({ url }) => !url.startsWith('/.well-known/'));
  }

  /** Value of a header of the last request; undefined when it had none. */
  last(name: string): string | undefined {
    const { rawHeaders = [] } = this.received.at(-1) ?? {};
    return valuesOf(rawHeaders, name)[0];
  }

  lastValues(name: string): string[] {
    return valuesOf(this.received.at(-1)?.rawHeaders ?? [], name);
  }

  close(): Promise<void> {
    return closing(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', rawHeaders } = request;
    if (this.handler) {
      this.received.push({ method, url, rawHeaders, body: '' });
      this.handler(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.received.push({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() });
    response.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}');
  }
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** An https server of a name of the certificate, answering as the test says. */
export class TlsService {
  readonly asked: string[] = [];
  handler: (request: IncomingMessage, response: ServerResponse) => void = (_, response) =>
    void response.writeHead(404).end();
  readonly #server;

  constructor({ cert, key }: TestCertificate) {
    this.#server = createTlsServer({ cert, key }, (request, response) => {
      this.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
      this.handler(request, response);
    });
  }

  start(): Promise<number> {
    return listening(this.#server);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return closing(this.#server);
  }
}

function listening(server: AnyServer): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  return promise;
}

function closing(server: AnyServer & { closeAllConnections?: () => void }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections?.();
  return promise;
}

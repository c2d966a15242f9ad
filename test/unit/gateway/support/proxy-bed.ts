import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { issueTestCertificate, type TestCertificate } from './certificate.ts';
import { SECRETS, startTestGateway, type TestGateway } from './start.ts';

export const HOST = 'mcp.localhost:8443';
const TOOL_RULE = '        deny:\n          or:\n            - mcp_tool:\n                is: secret\n';

/** A route to an MCP server with a rule on a tool, and a plain public one that has 300 ms. */
export function config(extra = ''): string {
  return `${SECRETS}authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_client_secret: x
certificates:
  - cert: /x.crt
    key: /x.key
routes:
  - name: Main
    from: https://${HOST}
    to: http://upstream:80
    mcp:
      server: {}
    policy:
      - allow:
          or:
            - domain:
                is: company.com
${TOOL_RULE}  - name: Plain
    from: https://plain.localhost:8443
    to: http://upstream:80
    timeout: 300ms
    allow_public_unauthenticated_access: true
${extra}`;
}

/** An upstream whose behaviour each test sets. */
export class Upstream {
  handler: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => void response.end('ok');
  readonly #server = createServer((request, response) => this.handler(request, response));

  async start(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    return promise;
  }
}

export interface Got {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What a socket has said so far. */
export class Heard {
  text = '';
  readonly #waiting: { wanted: string; resolve: () => void }[] = [];

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      for (const one of this.#waiting) if (this.text.includes(one.wanted)) one.resolve();
    });
    socket.on('error', () => undefined);
  }

  until(wanted: string): Promise<void> {
    if (this.text.includes(wanted)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ wanted, resolve });
    return promise;
  }
}

export type Send = (method: string, body?: Buffer, headers?: Record<string, string>, host?: string) => Promise<Got>;

/** A gateway before an upstream whose behaviour is the test's, and clients of both versions of HTTP that are signed in. */
export class Bed {
  readonly upstream = new Upstream();
  readonly certificate: TestCertificate;
  #gateway: TestGateway | undefined;
  #session: ClientHttp2Session | undefined;

  private constructor(certificate: TestCertificate) {
    this.certificate = certificate;
  }

  static async open(): Promise<Bed> {
    const bed = new Bed(await issueTestCertificate('localhost', ['mcp.localhost', 'plain.localhost']));
    const upstreams = { 'upstream:80': await bed.upstream.start() };
    const gateway = await startTestGateway({ yaml: config(), certificate: bed.certificate, upstreams });
    bed.#gateway = gateway;
    bed.#session = connectHttp2(`https://127.0.0.1:${gateway.port}`, { ca: gateway.ca, servername: 'mcp.localhost' });
    return bed;
  }

  get gateway(): TestGateway {
    if (!this.#gateway) throw new Error('the bed is not open');
    return this.#gateway;
  }

  get session(): ClientHttp2Session {
    if (!this.#session) throw new Error('the bed is not open');
    return this.#session;
  }

  get target() {
    return { port: this.gateway.port, ca: this.gateway.ca, servername: 'mcp.localhost' };
  }

  async close(): Promise<void> {
    this.#session?.destroy();
    await this.#gateway?.close();
    await this.upstream.close();
  }

  readonly http1: Send = (method, body, headers = {}, host = HOST) => {
    const { promise, resolve, reject } = Promise.withResolvers<Got>();
    const request = httpsRequest({
      host: '127.0.0.1',
      ...this.target,
      method,
      path: '/mcp',
      headers: { host, authorization: 'Bearer alice', 'content-length': body?.length ?? 0, ...headers },
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('error', reject).end(body);
    return promise;
  };

  readonly http2: Send = (method, body, headers = {}, host = HOST) => {
    const { promise, resolve, reject } = Promise.withResolvers<Got>();
    const stream = this.session.request(
      { ':method': method, ':path': '/mcp', ':authority': host, authorization: 'Bearer alice', ...headers },
      { endStream: body === undefined },
    );
    const chunks: Buffer[] = [];
    stream.on('response', (head) => {
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () =>
        resolve({
          status: Number(head[':status']),
          headers: head,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    stream.on('error', reject);
    if (body) stream.end(body);
    return promise;
  };
}

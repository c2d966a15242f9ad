import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { certificate } from './bed.ts';

export interface TokenAnswer {
  status?: number;
  body: unknown;
}

const AS = 'https://upas.corp.test';
const RESOURCE = 'https://upmcp.corp.test';

/** What the service says of itself and how it answers; a test changes what it needs. */
export interface Behaviour {
  /** Documents by URL; a number is a status, a text a redirect. */
  documents: Record<string, unknown>;
  /** The answer to a refresh or a code. */
  token: (form: URLSearchParams) => TokenAnswer | Promise<TokenAnswer>;
  registration: TokenAnswer;
  /** Tokens that the resource takes. */
  valid: Set<string>;
  /** Its answer to everybody else. */
  refusal: { status: number; challenge?: string };
}

export const SERVER_METADATA = {
  issuer: AS,
  authorization_endpoint: `${AS}/authorize`,
  token_endpoint: `${AS}/token`,
  registration_endpoint: `${AS}/register`,
  code_challenge_methods_supported: ['S256'],
  client_id_metadata_document_supported: true,
};
export const RESOURCE_METADATA = {
  resource: RESOURCE,
  authorization_servers: [AS],
  scopes_supported: ['read', 'write'],
};

/** An authorization server and the resource that it protects, told apart by Host; every request is written down. */
export class ScriptedService {
  readonly seen: string[] = [];
  readonly forms: URLSearchParams[] = [];
  readonly registrations: Record<string, unknown>[] = [];
  /** Headers of the calls that reached the resource. */
  readonly calls: IncomingMessage['headers'][] = [];
  behaviour: Behaviour = {
    documents: {
      [`${RESOURCE}/.well-known/oauth-protected-resource`]: RESOURCE_METADATA,
      [`${AS}/.well-known/oauth-authorization-server`]: SERVER_METADATA,
    },
    token: () => this.issue(),
    registration: { status: 201, body: { client_id: 'dcr-1' } },
    valid: new Set(),
    refusal: { status: 401 },
  };
  #issued = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(certificate, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => void this.#answer(request, response, Buffer.concat(chunks).toString()));
    });
  }

  /** WebSockets are taken from everybody with a good token. */
  #upgrade(request: IncomingMessage, socket: Duplex): void {
    this.calls.push(request.headers);
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const good = this.behaviour.valid.has(token);
    socket.end(
      good
        ? 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhello'
        : 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n',
    );
  }

  async open(): Promise<number> {
    this.#server.on('upgrade', (request, socket) => this.#upgrade(request, socket));

    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** A good token answer; its token is valid at the resource. */
  issue(more: Record<string, unknown> = { expires_in: 3600, refresh_token: undefined }): TokenAnswer {
    this.#issued += 1;
    const accessToken = `upstream-token-${this.#issued}`;
    this.behaviour.valid.add(accessToken);
    const refreshToken = `upstream-refresh-${this.#issued}`;
    return { body: { access_token: accessToken, token_type: 'Bearer', refresh_token: refreshToken, ...more } };
  }

  async #answer(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'https://x');
    const url = `https://${request.headers.host}${pathname}`;
    this.seen.push(`${request.method} ${url}`);
    if (pathname === '/token') {
      const form = new URLSearchParams(body);
      this.forms.push(form);
      const answer = await this.behaviour.token(form);
      return send(response, answer.status ?? 200, answer.body);
    }
    if (pathname === '/register') {
      this.registrations.push(JSON.parse(body) as Record<string, unknown>);
      return send(response, this.behaviour.registration.status ?? 200, this.behaviour.registration.body);
    }
    const document = this.behaviour.documents[url];
    if (document !== undefined || pathname.startsWith('/.well-known/')) {
      if (typeof document === 'string') return void response.writeHead(302, { location: document }).end();
      return typeof document === 'number'
        ? send(response, document, {})
        : send(response, document ? 200 : 404, document ?? {});
    }
    this.#resource(request, response);
  }

  #resource(request: IncomingMessage, response: ServerResponse): void {
    this.calls.push(request.headers);
    const { valid, refusal } = this.behaviour;
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && valid.has(token)) {
      return send(response, 200, { jsonrpc: '2.0', id: 1, result: {} });
    }
    if (refusal.challenge !== undefined) response.setHeader('www-authenticate', refusal.challenge);
    send(response, refusal.status, { error: 'upstream says no' });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { onTestFinished } from 'vitest';
import { createFetch, type Fetch } from '../../../src/net/fetch.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { temporaryFolder } from '../../helpers/program.ts';

export interface StandInRoute {
  name?: string;
  description?: string;
  /** Where the server really is; absent: nothing listens there. */
  to?: URL;
  /** The gateway's policy refuses every request. */
  denied?: boolean;
  /** The upstream wants a token of its provider. */
  provider?: boolean;
}

export interface StandIn {
  /** The application's address: https://app.localhost:<port>. */
  url: URL;
  /** Trusts the stand-in's authority. */
  fetch: Fetch;
  certificate: string;
  /** Passes requests for the application on to it. */
  lead(to: { host: string; port: number }): void;
  urlOf(route: string): URL;
  sign(claims?: JWTPayload, key?: CryptoKey): Promise<string>;
  issueToken(): string;
  /** From now on tokens issued so far are refused. */
  endTokens(): void;
  /** What `/.pomerium/mcp/routes` answers instead of the list. */
  routesAnswer: { status: number; body: string } | undefined;
  connected: Set<string>;
  /** Everything that was asked of the gateway and of the servers. */
  seen: { host: string; path: string; authorization: string | undefined }[];
}

/**
 * What the application sees of Pomerium v0.33.1, with the shapes of its recorded exchanges: keys, the list of servers, connect and
 * disconnect, the policy's refusal, and a client route that puts token and assertion into each request.
 */
export async function startStandIn(routes: Readonly<Record<string, StandInRoute>>): Promise<StandIn> {
  const folder = await temporaryFolder('app-gateway');
  const now = Date.now();
  const authority = await ensureAuthority(join(folder, 'ca'), { now });
  const names = ['app', ...Object.keys(routes)].map((name) => `${name}.localhost`);
  const certificate = await ensureServerCertificate({ authority, dir: join(folder, 'certs'), names, now });
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig', kid: 'key-1' }];

  let target: { host: string; port: number } | undefined;
  const tokens = new Set<string>();
  const server = createServer({ cert: certificate.certPem, key: certificate.keyPem });
  const standIn: StandIn = {
    url: new URL('https://app.localhost'),
    fetch: createFetch({ ca: [authority.certPem] }),
    certificate: certificate.certPem,
    lead: (to) => (target = to),
    urlOf: (route) => new URL(`https://${route}.localhost:${standIn.url.port}/`),
    async sign(claims = {}, key = privateKey) {
      const at = Math.floor(Date.now() / 1000);
      const good = { iss: 'app.localhost', aud: 'app.localhost', iat: at, exp: at + 300, sub: 'member', sid: 's1' };
      const named = { name: 'Max Member', email: 'member@example.com', groups: ['staff'] };
      return new SignJWT({ ...good, ...named, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'key-1', typ: 'JWT' })
        .sign(key);
    },
    issueToken() {
      const token = `TE-${randomUUID()}`;
      tokens.add(token);
      return token;
    },
    endTokens: () => tokens.clear(),
    routesAnswer: undefined,
    connected: new Set(),
    seen: [],
  };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization, host = '' } = request.headers;
    const { pathname, searchParams } = new URL(`https://${host}${request.url}`);
    const name = host.split('.')[0] ?? '';
    standIn.seen.push({ host: name, path: pathname, authorization });
    if (pathname === '/.well-known/pomerium/jwks.json') return json(response, 200, { keys });
    // A browser has a cookie where a client has a token; here every browser is the same user.
    const isKnown = tokens.has(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '');
    if (pathname === '/.pomerium/mcp/connect') return connect(name, searchParams, response);
    if (pathname.startsWith('/.pomerium/mcp/')) {
      if (!isKnown) return json(response, 401, { error: 'Unauthenticated', request_id: randomUUID() });
      if (standIn.routesAnswer) return json(response, standIn.routesAnswer.status, standIn.routesAnswer.body);
      if (pathname.endsWith('/disconnect')) {
        const body = JSON.parse(await textOf(request)) as { routes: string[] };
        for (const url of body.routes) standIn.connected.delete(new URL(url).hostname.split('.')[0] ?? '');
      }
      return json(response, 200, { servers: listed() });
    }
    if (name === 'app') return toApplication(request, response);
    return toServer(name, request, response, isKnown);
  }

  function listed(): unknown[] {
    return Object.entries(routes).map(([key, { name, description }]) => ({
      ...(name ? { name } : {}),
      ...(description ? { description } : {}),
      url: standIn.urlOf(key).href.replace(/\/$/, ''),
      connected: standIn.connected.has(key),
      needs_oauth: true,
    }));
  }

  function connect(name: string, query: URLSearchParams, response: ServerResponse): void {
    const back = new URL(query.get('redirect_url') ?? '');
    if (routes[name]?.provider) standIn.connected.add(name);
    else {
      const message = `MCP connection failed. Ask your administrator to check logs for request ID: ${randomUUID()}`;
      back.searchParams.append('connect_error', message);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  async function toApplication(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!target) return json(response, 503, { error: 'no application' });
    const headers = {
      ...request.headers,
      authorization: `Bearer ${standIn.issueToken()}`,
      'x-pomerium-jwt-assertion': await standIn.sign(),
      'x-forwarded-host': request.headers.host,
    };
    pass(request, response, { ...target, path: request.url ?? '/', headers });
  }

  async function toServer(
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
    isKnown: boolean,
  ): Promise<void> {
    const route = routes[name];
    const challenge = { 'www-authenticate': `Bearer resource_metadata="${standIn.urlOf(name).href}"` };
    if (!isKnown || (route?.provider && !standIn.connected.has(name))) {
      return json(response, 401, { error: 'Unauthorized', request_id: randomUUID() }, challenge);
    }
    if (route?.denied) {
      const { id } = JSON.parse(await textOf(request)) as { id: unknown };
      const requestId = randomUUID();
      const message = `access denied, please see the authorization log for the request ${requestId} for details`;
      return json(response, 200, {
        jsonrpc: '2.0',
        id,
        error: { code: -32602, message, data: { request_id: requestId } },
      });
    }
    if (!route?.to) return json(response, 503, { status: 503, statusText: 'upstream_reset_before_response_started' });
    const { authorization: _, ...headers } = request.headers;
    const assertion = await standIn.sign({ iss: `${name}.localhost`, aud: `${name}.localhost` });
    pass(request, response, {
      host: route.to.hostname,
      port: Number(route.to.port),
      path: route.to.pathname,
      headers: { ...headers, host: route.to.host, 'x-pomerium-jwt-assertion': assertion },
    });
  }

  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(async () => close(server));
  standIn.url = new URL(`https://app.localhost:${(server.address() as AddressInfo).port}`);
  return standIn;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface Onward {
  host: string;
  port: number;
  path: string;
  headers: Record<string, string | string[] | undefined>;
}

function pass(request: IncomingMessage, response: ServerResponse, onward: Onward): void {
  const outgoing = httpRequest({ ...onward, method: request.method, agent: false }, (incoming) => {
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    incoming.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

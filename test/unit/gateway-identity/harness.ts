import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Exchange, Identity, IdentityOptions, Reply } from '../../../src/gateway/exchange.ts';
import { createIdentity } from '../../../src/gateway/identity.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import type { Options, Session } from '../../../src/pomerium/model.ts';
import { CALLBACK, ROUTE_HOST } from './options.ts';

export * from './options.ts';

export interface Bench {
  identity: Identity;
  logs: LogEntry[];
  /** The configuration in force; replace it as a reload does. */
  options: Options;
}

export function createBench(options: Options, changes: Partial<IdentityOptions> = {}): Bench {
  const logs: LogEntry[] = [];
  const bench = { options, logs } as Bench;
  bench.identity = createIdentity({
    options: () => bench.options,
    table: () => ({ routes: [], match: () => undefined, knowsHost: () => true, serverRouteOf: () => undefined }),
    stateFile: ':memory:',
    resolve: () => undefined,
    ca: [],
    log: (entry) => void logs.push(entry),
    allowPrivateMetadataHosts: false,
    faults: [],
    ...changes,
  });
  return bench;
}

export interface Sent {
  method?: string;
  host?: string;
  /** Path with query. */
  target: string;
  headers?: Record<string, string>;
  body?: string;
}

export function exchangeOf({ method = 'GET', host = ROUTE_HOST, target, headers = {}, body = '' }: Sent): Exchange {
  const question = target.indexOf('?');
  const rawQuery = question === -1 ? '' : target.slice(question + 1);
  return {
    requestId: randomUUID(),
    method,
    host,
    path: question === -1 ? target : target.slice(0, question),
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers,
    remoteAddress: '127.0.0.1',
    body: async (limit) => Buffer.from(body).subarray(0, limit),
  };
}

/** Sends one request; who it comes from is found as the gateway's core does it. */
export async function send(identity: Identity, sent: Sent): Promise<Reply | undefined> {
  const exchange = exchangeOf(sent);
  const bearer = /^Bearer (.+)$/.exec(sent.headers?.['authorization'] ?? '')?.[1];
  const session: Session | undefined =
    (bearer === undefined ? undefined : identity.sessionOfToken(bearer)) ??
    identity.sessionOfCookies(sent.headers?.['cookie'], exchange.host);
  return identity.handle(exchange, session);
}

export async function answer(identity: Identity, sent: Sent): Promise<Reply> {
  const reply = await send(identity, sent);
  if (!reply) throw new Error(`${sent.method ?? 'GET'} ${sent.target} was not answered`);
  return reply;
}

export function header(reply: Reply, name: string): string | undefined {
  return reply.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export function cookiesOf(reply: Reply): string[] {
  return reply.headers.filter(([key]) => key === 'Set-Cookie').map(([, value]) => value);
}

/** The JSON that an HTML page carries. */
export function pageOf(reply: Reply): Record<string, unknown> {
  const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(String(reply.body))?.[1];
  return JSON.parse(data ?? '{}') as Record<string, unknown>;
}

export function bodyOf(reply: Reply): Record<string, unknown> {
  return JSON.parse(String(reply.body)) as Record<string, unknown>;
}

/** A browser: follows redirects between the gateway's hosts and the provider, and keeps cookies by host. */
export class Browser {
  readonly identity: Identity;
  readonly hops: { url: string; reply: Reply }[] = [];
  readonly #jars = new Map<string, Map<string, string>>();

  readonly #atProvider: (url: string) => Promise<string>;

  /** `atProvider`: what happens at the identity provider; it ends with the URL to which the provider redirects. */
  constructor(identity: Identity, atProvider = followOnce) {
    this.identity = identity;
    this.#atProvider = atProvider;
  }

  cookieHeader(host: string): string | undefined {
    const jar = this.#jars.get(host);
    return jar?.size ? [...jar].map(([name, value]) => `${name}=${value}`).join('; ') : undefined;
  }

  /** Opens a URL of the gateway and goes on until nobody redirects within the gateway or to the provider any more. */
  async open(url: string, provider: string): Promise<Reply> {
    let next = url;
    for (let hop = 0; hop < 20; hop++) {
      const reply = await this.fetch(next);
      const location = header(reply, 'location');
      if (reply.status !== 302 || location === undefined) return reply;
      next = new URL(location, next).href;
      if (next.startsWith(provider)) next = await this.#atProvider(next);
      if (!new URL(next).host.endsWith('.corp.test:18443')) return reply;
    }
    throw new Error('too many redirects');
  }

  async fetch(url: string): Promise<Reply> {
    const { host, pathname, search } = new URL(url);
    const cookie = this.cookieHeader(host);
    const sent = {
      host,
      target: `${pathname}${search}`,
      headers: { accept: 'text/html', ...(cookie ? { cookie } : {}) },
    };
    const exchange = exchangeOf(sent);
    const session = this.identity.sessionOfCookies(cookie, host);
    const isAnonymous = !session && pathname === '/.pomerium/mcp/authorize';
    const reply: Reply = isAnonymous
      ? { status: 302, headers: [['Location', this.identity.signInUrl(exchange)]], body: '' }
      : await answer(this.identity, sent);
    for (const line of cookiesOf(reply)) this.#keep(host, line);
    this.hops.push({ url, reply });
    return reply;
  }

  #keep(host: string, line: string): void {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const [pair = ''] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    if (line.includes('Max-Age=0')) jar.delete(name);
    else jar.set(name, pair.slice(name.length + 1));
  }
}

async function followOnce(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

export interface Pkce {
  verifier: string;
  challenge: string;
}

export function createPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export async function registerClient(
  identity: Identity,
  metadata: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none', ...metadata });
  return bodyOf(await answer(identity, { method: 'POST', target: '/.pomerium/mcp/register', body }));
}

export function authorizeTarget(parameters: Record<string, string>): string {
  return `/.pomerium/mcp/authorize?${new URLSearchParams(parameters).toString()}`;
}

export function requestToken(
  identity: Identity,
  form: Record<string, string>,
  more: Partial<Sent> = {},
): Promise<Reply> {
  return answer(identity, {
    method: 'POST',
    target: '/.pomerium/mcp/token',
    ...more,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...more.headers },
    body: new URLSearchParams(form).toString(),
  });
}

/** Registers a client, signs in, and returns what is needed to redeem the code. */
export async function obtainCode(
  browser: Browser,
  provider: string,
  changes: { clientId?: string; parameters?: Record<string, string>; omitChallenge?: boolean } = {},
): Promise<{ clientId: string; code: string; verifier: string }> {
  const clientId = changes.clientId ?? String((await registerClient(browser.identity))['client_id']);
  const { verifier, challenge } = createPkce();
  const target = authorizeTarget({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    state: 'st-1',
    ...(changes.omitChallenge ? {} : { code_challenge: challenge, code_challenge_method: 'S256' }),
    ...changes.parameters,
  });
  const reply = await browser.open(`https://${ROUTE_HOST}${target}`, provider);
  const location = header(reply, 'location');
  const code = location === undefined ? null : new URL(location, 'https://none.test').searchParams.get('code');
  if (code === null) throw new Error(`no code: ${reply.status} ${String(reply.body).slice(0, 400)}`);
  return { clientId, code, verifier };
}

export async function obtainTokens(
  browser: Browser,
  provider: string,
  changes: Parameters<typeof obtainCode>[2] = {},
): Promise<{ clientId: string; accessToken: string; refreshToken: string; reply: Reply }> {
  const { clientId, code, verifier } = await obtainCode(browser, provider, changes);
  const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  const reply = await requestToken(browser.identity, form);
  const tokens = bodyOf(reply);
  return {
    clientId,
    accessToken: String(tokens['access_token']),
    refreshToken: String(tokens['refresh_token']),
    reply,
  };
}

export function refreshForm(clientId: string, refreshToken: string): Record<string, string> {
  return { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken };
}

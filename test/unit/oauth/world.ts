import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFetch } from '../../../src/net/fetch.ts';
import { createTokenStore, type ObtainTokenOptions } from '../../../src/oauth/index.ts';

export interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
}

/** What can be wrong with a server, each where it is looked at. */
export interface Knobs {
  /** The WWW-Authenticate header of a 401; false: the MCP server asks for no token. */
  challenge?: string | false;
  /** Paths at which protected resource metadata is found. */
  resourceMetadataAt?: string[];
  resourceMetadata?: Record<string, unknown>;
  /** Paths at which authorization server metadata is found. */
  metadataAt?: string[];
  metadata?: Record<string, unknown>;
  register?: (body: Record<string, unknown>) => Answer;
  /** Changes the redirect to the client. */
  redirect?: (url: URL) => void;
  authorize?: (query: URLSearchParams, request: IncomingMessage) => Answer | undefined;
  token?: (form: URLSearchParams, request: IncomingMessage) => Answer | undefined;
  /** Seconds. */
  expiresIn?: number;
  /** Scopes of a token that tools/call asks for. */
  callScope?: string;
  mcp?: (message: Record<string, unknown>, request: IncomingMessage) => Answer | undefined;
}

export interface World {
  origin: string;
  /** The MCP server's URL. */
  server: URL;
  knobs: Knobs;
  /** `METHOD path` of every request, in order. */
  log: string[];
  /** Queries of authorization requests and forms of token requests. */
  authorizations: URLSearchParams[];
  exchanges: URLSearchParams[];
  registrations: Record<string, unknown>[];
  /** Forgets all access tokens, as after a restart without state. */
  revokeAll(): void;
  close(): Promise<void>;
}

export interface Place {
  /** Serves TLS under this host. */
  tls?: { host: string; cert: string; key: string };
  /** Of the MCP server. */
  path?: string;
}

/** An MCP server and its authorization server on one loopback port, which agrees to everything unless a knob says otherwise. */
export async function startWorld(knobs: Knobs = {}, { tls, path = '/mcp' }: Place = {}): Promise<World> {
  const wellKnown = `/.well-known/oauth-protected-resource${path === '/' ? '' : path}`;
  const codes = new Map<string, URLSearchParams>();
  const tokens = new Map<string, string>();
  const refreshTokens = new Map<string, string>();
  const world: World = {
    origin: '',
    server: new URL('http://127.0.0.1'),
    knobs,
    log: [],
    authorizations: [],
    exchanges: [],
    registrations: [],
    revokeAll: () => tokens.clear(),
    close: async () => undefined,
  };
  const listener: RequestListener = (request, response) => {
    void (async () => {
      const body = await readBody(request);
      const url = new URL(request.url ?? '/', world.origin);
      world.log.push(`${request.method} ${url.pathname}`);
      give(response, answerTo(url, body, request));
    })();
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  world.origin = tls ? `https://${tls.host}:${port}` : `http://127.0.0.1:${port}`;
  world.server = new URL(path, world.origin);
  world.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return world;

  function answerTo(url: URL, body: string, request: IncomingMessage): Answer {
    const { resourceMetadataAt = [wellKnown], metadataAt = ['/.well-known/oauth-authorization-server'] } = knobs;
    if (resourceMetadataAt.includes(url.pathname))
      return json(200, {
        resource: world.server.href,
        authorization_servers: [world.origin],
        ...knobs.resourceMetadata,
      });
    if (metadataAt.includes(url.pathname)) return json(200, { ...metadata(), ...knobs.metadata });
    if (url.pathname === '/register') return register(body);
    if (url.pathname === '/authorize') return authorize(url.searchParams, request);
    if (url.pathname === '/token') return token(new URLSearchParams(body), request);
    if (url.pathname === path) return mcp(body, request);
    return json(404, {});
  }

  function metadata(): Record<string, unknown> {
    const at = (path: string): string => `${world.origin}${path}`;
    return {
      issuer: world.origin,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      registration_endpoint: at('/register'),
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
      authorization_response_iss_parameter_supported: true,
    };
  }

  function register(body: string): Answer {
    const asked = JSON.parse(body) as Record<string, unknown>;
    world.registrations.push(asked);
    return knobs.register?.(asked) ?? json(201, { ...asked, client_id: randomUUID() });
  }

  function authorize(query: URLSearchParams, request: IncomingMessage): Answer {
    world.authorizations.push(query);
    const said = knobs.authorize?.(query, request);
    if (said) return said;
    const code = randomUUID();
    codes.set(code, query);
    const redirect = new URL(query.get('redirect_uri') ?? '');
    redirect.searchParams.set('code', code);
    redirect.searchParams.set('state', query.get('state') ?? '');
    redirect.searchParams.set('iss', world.origin);
    knobs.redirect?.(redirect);
    return { status: 302, headers: { location: redirect.href } };
  }

  function token(form: URLSearchParams, request: IncomingMessage): Answer {
    world.exchanges.push(form);
    const said = knobs.token?.(form, request);
    if (said) return said;
    if (form.get('grant_type') === 'refresh_token') {
      const held = refreshTokens.get(form.get('refresh_token') ?? '');
      if (held === undefined) return json(400, { error: 'invalid_grant' });
      refreshTokens.delete(form.get('refresh_token') ?? '');
      return issue(held);
    }
    const asked = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isGood = asked?.get('code_challenge') === proof && asked.get('redirect_uri') === form.get('redirect_uri');
    return isGood ? issue(asked.get('scope') ?? '') : json(400, { error: 'invalid_grant' });
  }

  function issue(scope: string): Answer {
    const accessToken = `access-${randomUUID()}`;
    const refreshToken = `refresh-${randomUUID()}`;
    tokens.set(accessToken, scope);
    refreshTokens.set(refreshToken, scope);
    return json(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: knobs.expiresIn ?? 3600,
      refresh_token: refreshToken,
      ...(scope ? { scope } : {}),
    });
  }

  function mcp(body: string, request: IncomingMessage): Answer {
    const message = (body === '' ? {} : JSON.parse(body)) as Record<string, unknown>;
    const { challenge = `Bearer resource_metadata="${world.origin}${wellKnown}"` } = knobs;
    const scope = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
    if (challenge !== false && scope === undefined)
      return { ...json(401, {}), headers: { 'www-authenticate': challenge } };
    const needed = message['method'] === 'tools/call' ? knobs.callScope : undefined;
    if (needed && !scope?.split(' ').includes(needed)) {
      return {
        ...json(403, {}),
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${needed}"` },
      };
    }
    return (
      knobs.mcp?.(message, request) ?? json(200, { jsonrpc: '2.0', id: message['id'], result: mcpResult(message) })
    );
  }
}

export const ECHO = {
  name: 'echo',
  description: 'Says what it is told. Nothing else.',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'what to say' } },
    required: ['text'],
  },
};

function mcpResult({ method, params }: Record<string, unknown>): Record<string, unknown> {
  if (method === 'tools/list') return { resultType: 'complete', tools: [ECHO] };
  const given = (params as { arguments?: { text?: string } }).arguments;
  return {
    resultType: 'complete',
    content: [{ type: 'text', text: given?.text ?? '' }],
    structuredContent: { said: given?.text },
  };
}

export function json(status: number, body: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function give(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}

/** Options for obtainToken in a world, with a browser that follows the redirects to the loopback listener. */
export function optionsFor(
  world: Pick<World, 'server'>,
  more: Partial<ObtainTokenOptions> = {},
): ObtainTokenOptions & { notes: string[]; folder: string } {
  const notes: string[] = [];
  const note = (line: string): void => void notes.push(line);
  const folder = mkdtempSync(join(tmpdir(), 'mcpgw-oauth-'));
  return {
    server: world.server,
    browser: true,
    interactive: true,
    fetch: createFetch(),
    openUrl: async (url) => {
      void globalThis.fetch(url).catch(() => undefined);
      return true;
    },
    prompt: { input: async () => Promise.reject(new Error('a prompt that the test did not expect')) },
    store: createTokenStore({ folder, note }),
    now: Date.now,
    signal: new AbortController().signal,
    signInTimeout: 5_000,
    note,
    ...more,
    notes,
    folder,
  };
}

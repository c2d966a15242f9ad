import type { ClientResponse } from './client/client.ts';
import type { Session } from '../pomerium/model.ts';
import { corsHeaders, METADATA_CORS, OAUTH_CORS, preflightHeaders, PUBLIC_CORS, type CorsPolicy } from './cors.ts';
import { ROBOTS, signInReply } from './denial.ts';
import type { Exchange, HeaderList, Reply } from './exchange.ts';
import { ClientLeft, exchangeOf } from './inbound-exchange.ts';
import type { Inbound } from './inbound.ts';
import { AUTHORIZATION_SERVER_PATH, isResourceMetadataPath } from './metadata.ts';
import { authorizationServerMetadata, pomeriumMetadata, protectedResourceMetadata } from './metadata.ts';
import { portalReply, storelessReply } from './portal.ts';
import { errorReply } from './replies.ts';
import { logAuthorize } from './request-log.ts';
import { sendReply } from './respond.ts';
import { sessionFor } from './session.ts';
import type { Gateway, State } from './state.ts';

/** Pomerium v0.33.1 internal/httputil/headers.go. */
const PAGE_HEADERS: HeaderList = [
  [
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self' 'unsafe-inline' data:; img-src * data:; script-src 'self' 'unsafe-inline'; font-src data:; connect-src 'self'",
  ],
  ['Referrer-Policy', 'Same-origin'],
];

/** authorize/evaluator/evaluator.go: what of the control plane wants a signed-in user. */
const LOGIN_REQUIRED = new Set([
  '/.pomerium/mcp/authorize',
  '/.pomerium/mcp/connect',
  '/.pomerium/mcp/routes',
  '/.pomerium/user',
  '/.pomerium/routes',
  '/.pomerium/api/v1/routes',
  '/.pomerium/webauthn',
]);

/** What the control plane serves on every host, known or not; it outranks the user's routes. */
export function isControlPath(path: string): boolean {
  if (path === '/ping' || path === '/healthz') return true;
  return isBelow(path, '/.pomerium') || isBelow(path, '/.well-known/pomerium');
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

/** The OAuth documents of an MCP server's host (RFC 9728, RFC 8414); other hosts have none. */
export function isMetadataPath(state: State, host: string, path: string): boolean {
  if (!state.mcp || (path !== AUTHORIZATION_SERVER_PATH && !isResourceMetadataPath(path))) return false;
  return state.table.serverRouteOf(host) !== undefined;
}

interface Answer {
  reply: Reply;
  cors?: CorsPolicy;
  /** The page headers stay away: well-known documents, probes, the sign-in callback. */
  bare?: boolean;
}

/** Answers for the control plane. */
export function serveControlPlane(gateway: Gateway, inbound: Inbound, response: ClientResponse): void {
  const { state } = gateway;
  const session = sessionFor(gateway, inbound, inbound.path.startsWith('/.pomerium/mcp'));
  const exchange = exchangeOf(inbound, state.table.match(inbound.host, inbound.path));
  if (!session && LOGIN_REQUIRED.has(inbound.path)) {
    logAuthorize(gateway, { inbound, plan: undefined, session, mcp: undefined }, 'unauthenticated');
    const reply = signInReply({ inbound, exchange, identity: gateway.identity });
    sendReply(gateway, inbound, response, reply, { added: state.response.added, details: 'ext_authz_denied' });
    return;
  }
  logAuthorize(gateway, { inbound, plan: undefined, session, mcp: undefined }, 'pomerium-route');
  answer(gateway, exchange, session)
    .then((found) => sendReply(gateway, inbound, response, decorate(inbound, found), contextOf(state)))
    .catch((error: unknown) => {
      if (error instanceof ClientLeft) return;
      gateway.log({
        level: 'error',
        message: 'httputil: error',
        'request-id': inbound.requestId,
        error: String(error),
      });
      const reply = errorReply(exchange, { status: 500 });
      sendReply(gateway, inbound, response, decorate(inbound, { reply }), contextOf(state));
    });
}

function contextOf(state: State) {
  return {
    added: state.response.added,
    details: 'via_upstream',
    controlPlane: true,
    cluster: 'pomerium-control-plane-http',
  };
}

async function answer(gateway: Gateway, exchange: Exchange, session: Session | undefined): Promise<Answer> {
  const { state } = gateway;
  const { path, method } = exchange;
  if (path === '/ping' || path === '/healthz') return { reply: plainText('OK\n'), bare: true };
  if (path.startsWith('/.well-known/')) return wellKnown(state, exchange);
  if (isBelow(path, '/.pomerium/mcp'))
    return state.mcp ? oauthEndpoint(gateway, exchange, session) : notFound(exchange);
  if (path === '/robots.txt') return { reply: plainText(ROBOTS, 'text/plain; charset=utf-8') };
  const reply = (await gateway.identity.handle(exchange, session)) ?? (await portalReply(gateway, exchange, session));
  if (!reply) return notFound(exchange);
  const isService = exchange.host === state.authenticateHost && isBelow(path, '/.pomerium');
  return { reply: isService ? variesByOrigin(reply) : reply, bare: isBare(path) || method === 'OPTIONS' };
}

/** The authenticate service lets pages of trusted domains in (authenticate/handlers.go, CORS); here there are none. */
function variesByOrigin(reply: Reply): Reply {
  return { ...reply, headers: [...reply.headers, ['Vary', 'Accept-Encoding,Origin']] };
}

/** Pomerium's page headers belong to one of its routers, and these stand in others: v0.33.1 proxy/handlers.go. */
function isBare(path: string): boolean {
  return path.startsWith('/.pomerium/callback') || isBelow(path, '/.pomerium/api');
}

async function oauthEndpoint(gateway: Gateway, exchange: Exchange, session: Session | undefined): Promise<Answer> {
  if (exchange.method === 'OPTIONS') return { reply: preflight(OAUTH_CORS, exchange) };
  const reply =
    (await gateway.identity.handle(exchange, session)) ??
    storelessReply(gateway, exchange) ??
    (await portalReply(gateway, exchange, session));
  // gorilla/mux sees the OPTIONS route and takes every other miss for a wrong method, which its CORS layer never gets to see.
  return reply ? { reply, cors: OAUTH_CORS } : { reply: { status: 405, headers: [], body: '' } };
}

function wellKnown(state: State, exchange: Exchange): Answer {
  const { path, method, host } = exchange;
  const document = wellKnownDocument(state, host, path);
  if (!document) return notFound(exchange);
  const cors = document.cors;
  if (method === 'OPTIONS') return { reply: preflight(cors, exchange), bare: true };
  if (method !== 'GET' && (cors === METADATA_CORS || method !== 'HEAD')) return notFound(exchange);
  return { reply: { status: 200, headers: document.headers, body: document.body }, cors, bare: true };
}

interface WellKnown {
  headers: HeaderList;
  body: string;
  cors: CorsPolicy;
}

function wellKnownDocument(state: State, host: string, path: string): WellKnown | undefined {
  const json: HeaderList = [['Content-Type', 'application/json']];
  if (path === '/.well-known/pomerium/jwks.json') {
    return { headers: [...json, ['Cache-Control', 'max-age=60']], body: state.keys.jwks, cors: PUBLIC_CORS };
  }
  if (path === '/.well-known/pomerium' || path === '/.well-known/pomerium/') {
    const headers: HeaderList = [...json, ['X-Content-Type-Options', 'nosniff']];
    return { headers, body: pomeriumMetadata(host, state.options), cors: PUBLIC_CORS };
  }
  if (path === AUTHORIZATION_SERVER_PATH) {
    return {
      headers: json,
      body: authorizationServerMetadata(host, state.options, state.behaviour),
      cors: METADATA_CORS,
    };
  }
  if (!isResourceMetadataPath(path)) return undefined;
  return { headers: json, body: protectedResourceMetadata(host, path), cors: METADATA_CORS };
}

function preflight(policy: CorsPolicy, exchange: Exchange): Reply {
  const { cors, vary } = preflightHeaders(policy, exchange.headers);
  return { status: 204, headers: [...cors, ['Vary', vary]], body: '' };
}

function notFound(exchange: Exchange): Answer {
  return { reply: errorReply(exchange, { status: 404 }), bare: true };
}

function plainText(body: string, type = 'text/plain'): Reply {
  return { status: 200, headers: [['Content-Type', type]], body };
}

/** Adds what the control plane's middleware adds. */
function decorate(inbound: Inbound, { reply, cors, bare = false }: Answer): Reply {
  const headers: HeaderList = cors ? [...corsHeaders(inbound.origin), ...reply.headers] : [...reply.headers];
  if (!bare) headers.push(...PAGE_HEADERS);
  if (!headers.some(([name]) => name.toLowerCase() === 'vary')) {
    headers.push(['Vary', cors ? 'Accept-Encoding,Origin' : 'Accept-Encoding']);
  }
  return { ...reply, headers };
}

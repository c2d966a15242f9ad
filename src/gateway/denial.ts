import type { McpRequest } from '../pomerium/model.ts';
import type { Answer } from '../pomerium/policy/answer.ts';
import { preferenceOf } from './accept.ts';
import { ROUTE_CORS, ROUTE_VARY } from './cors.ts';
import type { Exchange, HeaderList, Identity, Reply } from './exchange.ts';
import type { Inbound } from './inbound.ts';
import { challenge } from './metadata.ts';
import { renderPage } from './page.ts';
import { cleanPath } from './paths.ts';
import { statusText } from './replies.ts';

/** Who is refused, and where. */
export interface Denied {
  inbound: Inbound;
  exchange: Exchange;
  identity: Identity;
}

/** Pomerium v0.33.1 authorize/check_response.go: the page's explanation on MCP routes. */
const MCP_TRACE = {
  id: 'mcp-route',
  explanation: 'This is an MCP route. It is not meant to be accessed directly in the browser.',
  remediation: 'Please see [MCP Support](https://www.pomerium.com/docs/capabilities/mcp) for more information.',
  allow: false,
  deny: false,
};

/** A refusal on an MCP server route: never a redirect, and a challenge that leads to the metadata. */
function challengeReply(denied: Denied): Reply {
  const { inbound } = denied;
  const authenticate: HeaderList = [['www-authenticate', challenge(inbound.host, cleanPath(inbound.path))]];
  // MCP clients look for this very word; `Unauthenticated` is what other routes say.
  const core = refusal(denied, 401, 'Unauthorized', [MCP_TRACE]);
  return robots(inbound, { ...core, headers: [...ROUTE_CORS, ...core.headers, ...ROUTE_VARY, ...authenticate] });
}

/** A request of a JSON-RPC client that policy refuses: the transport succeeds, the call fails. */
function jsonRpcDenial(requestId: string, request: McpRequest): Reply {
  const message = `access denied, please see the authorization log for the request ${requestId} for details`;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    ...(request.id === undefined ? {} : { id: request.id }),
    error: { code: -32602, message, data: { request_id: requestId } },
  });
  const headers: HeaderList = [
    ['cache-control', 'no-cache'],
    ['content-type', 'application/json'],
  ];
  return { status: 200, headers: [...ROUTE_CORS, ...headers, ...ROUTE_VARY], body };
}

/** The answer to a request that policy does not let pass; `request`: what was read of its body. */
export function denialReply(denied: Denied, answer: Answer, request: McpRequest | undefined): Reply {
  switch (answer) {
    case 'json-rpc':
      return request ? jsonRpcDenial(denied.inbound.requestId, request) : challengeReply(denied);
    case 'sign-in':
      return signInReply(denied);
    case 'device':
      // Pomerium sends browsers to its page for registering devices, which is not here.
      return refusal(denied, 401, 'Unauthenticated');
    case 'forbidden':
      return refusal(denied, 403, 'Forbidden');
    default:
      return challengeReply(denied);
  }
}

/** Nobody is signed in on a route that is no MCP server: browsers are sent to sign in, others told. */
export function signInReply(denied: Denied): Reply {
  const { inbound, exchange, identity } = denied;
  if (!preferenceOf(inbound.accept).html || inbound.pomeriumCredential) return refusal(denied, 401, 'Unauthenticated');
  const reply = refusal(denied, 302, 'Found');
  return robots(inbound, { ...reply, headers: [...reply.headers, ['location', identity.signInUrl(exchange)]] });
}

function refusal(denied: Denied, status: number, error: string, traces: unknown[] | null = null): Reply {
  const { inbound, exchange, identity } = denied;
  if (preferenceOf(inbound.accept).json) {
    const body = JSON.stringify({ error, request_id: inbound.requestId });
    return { status, headers: [['content-type', 'application/json']], body };
  }
  const body = renderPage({
    canDebug: status !== 302,
    debugUrl: identity.debugUrl(exchange),
    description: '',
    page: 'Error',
    policyEvaluationTraces: traces,
    requestId: inbound.requestId,
    status,
    statusText: statusText(status),
  });
  const headers: HeaderList = [
    ['content-type', 'text/html; charset=UTF-8'],
    ['x-pomerium-intercepted-response', 'true'],
  ];
  return { status, headers, body };
}

/** Crawlers are answered whatever the route's policy says; the refusal's own headers stay. */
function robots(inbound: Inbound, reply: Reply): Reply {
  if (inbound.path !== '/robots.txt') return reply;
  const kept = reply.headers.filter(([name]) => name !== 'content-type' && name !== 'x-pomerium-intercepted-response');
  return { status: 200, headers: [...kept, ['content-type', 'text/plain']], body: ROBOTS };
}

export const ROBOTS = 'User-agent: *\nDisallow: /';

import { answerTo, exceedsBuffer, isJson, peekJsonRpc } from '../pomerium/index.ts';
import type { Decision, McpRequest } from '../pomerium/model.ts';
import type { ClientRequest, ClientResponse } from './client/client.ts';
import { isControlPath, isMetadataPath, serveControlPlane } from './control-plane.ts';
import { ROUTE_CORS, ROUTE_VARY } from './cors.ts';
import { denialReply } from './denial.ts';
import type { Reply } from './exchange.ts';
import { exchangeOf } from './inbound-exchange.ts';
import { readInbound, type Inbound } from './inbound.ts';
import { localReply, ROUTE_NOT_FOUND } from './local-reply.ts';
import { preferenceOf } from './accept.ts';
import type { Passage } from './passage.ts';
import { PolicyView } from './policy-view.ts';
import { forward } from './proxy.ts';
import { EMPTY, readBody, type ReadBody } from './request-body.ts';
import { logAuthorize } from './request-log.ts';
import { refuse, sendReply } from './respond.ts';
import { directAnswer } from './route-actions.ts';
import { renewalFailure, upstreamAuthorization, upstreamTokenFailure } from './upstream-token.ts';
import type { RoutePlan } from './route-plan.ts';
import { sessionFor } from './session.ts';
import type { Gateway } from './state.ts';
import { inspectionProblem } from './strict/inspection.ts';
import { refusal } from './strict/refusal.ts';

/** Takes a request from the wire to its answer, in the order of Envoy and Pomerium v0.33.1. Never throws. */
export function dispatch(gateway: Gateway, request: ClientRequest, response: ClientResponse): void {
  contain(gateway, response, () => route(gateway, request, response));
}

/** A bug of ours ends the one request that met it, not the gateway. */
function contain(gateway: Gateway, response: ClientResponse, step: () => void): void {
  try {
    step();
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error);
    gateway.log({ level: 'error', message: 'a request failed by a bug of the gateway', error: stack });
    response.breakOff();
  }
}

function route(gateway: Gateway, request: ClientRequest, response: ClientResponse): void {
  const inbound = readInbound(request);
  if (typeof inbound === 'string') {
    request.body.discard();
    if (inbound === 'too-many-headers') refuse(response, 431, 'Request Header Fields Too Large');
    else refuse(response, 400, inbound === 'escaped-slash' ? '' : 'Bad Request');
    return;
  }
  const { state } = gateway;
  const { host, path } = inbound;
  if (isControlPath(path) || isMetadataPath(state, host, path) || isSignInPath(gateway, host, path)) {
    serveControlPlane(gateway, inbound, response);
    return;
  }
  const found = state.table.match(host, path);
  const plan = found && state.plans.get(found);
  if (!plan) {
    const reply = localReply(inbound.requestId, inbound.accept, ROUTE_NOT_FOUND);
    sendReply(gateway, inbound, response, reply, { added: state.response.added, details: ROUTE_NOT_FOUND.text });
    return;
  }
  const session = sessionFor(gateway, inbound, plan.mcp);
  takeRoute({ gateway, inbound, response, plan, session });
}

function isSignInPath(gateway: Gateway, host: string, path: string): boolean {
  return (path === '/oauth2/callback' || path === '/robots.txt') && host === gateway.state.authenticateHost;
}

function takeRoute(passage: Passage): void {
  const { inbound, plan } = passage;
  if (plan.mcp && inbound.method === 'OPTIONS') {
    answer(passage, { status: 204, headers: [...ROUTE_CORS, ...ROUTE_VARY], body: '' }, 'ext_authz_denied');
    return;
  }
  const body = bytesToRead(inbound, plan);
  if (body === 0) decide(passage, { bytes: EMPTY, complete: inbound.contentLength === 0 });
  else if (tooLarge(inbound, plan, inbound.contentLength)) answerTooLarge(passage);
  else {
    readBody(inbound.request.body, body, (read) =>
      contain(passage.gateway, passage.response, () => {
        if (tooLarge(inbound, plan, read.complete ? read.bytes.length : inbound.contentLength)) answerTooLarge(passage);
        else decide(passage, read);
      }),
    );
  }
}

/** Bodies up to this many bytes are sent on in one piece with the request's head. */
const ONE_PIECE = 65_536;
/** More of a body than this is never held, whatever a route asks for. */
const HELD_AT_MOST = 16 * 1_024 * 1_024;

/** How much of the body has to be there before the decision; 0: none. */
function bytesToRead(inbound: Inbound, plan: RoutePlan): number {
  const length = inbound.contentLength;
  if (length === 0) return 0;
  if (length > 0 && length <= ONE_PIECE) return Number.POSITIVE_INFINITY;
  return plan.mcp ? Math.min(Math.max(plan.inspect, 1), HELD_AT_MOST) : 0;
}

function tooLarge(inbound: Inbound, plan: RoutePlan, length: number): boolean {
  return exceedsBuffer(length, plan.inspect, inbound.http2);
}

function answerTooLarge(passage: Passage): void {
  const text = 'Payload Too Large';
  answer(passage, { status: 413, headers: [['content-type', 'text/plain']], body: text }, 'request_payload_too_large');
}

function decide(passage: Passage, body: ReadBody): void {
  const { gateway, inbound, plan, session } = passage;
  const mcp = plan.inspect > 0 ? peek(inbound, plan.inspect, body) : undefined;
  const decision = plan.compiled.decide(new PolicyView(inbound, session, mcp));
  logAuthorize(gateway, { inbound, plan, session, mcp, body: body.bytes }, decision);
  if (decision.kind !== 'allow') {
    deny(passage, decision, body);
    return;
  }
  const unread = plan.failsClosed ? inspectionProblem(inbound, plan.inspect, body) : undefined;
  if (unread) {
    answer(passage, refusal(unread.status, unread.reason, unread.code), 'ext_authz_denied');
    return;
  }
  const direct = directAnswer(plan.compiled.route, inbound);
  const failure = direct ? undefined : upstreamTokenFailure(passage);
  if (direct) answer(passage, direct, 'direct_response');
  else if (failure) answer(passage, failure, '');
  else {
    const authorization = upstreamAuthorization(passage);
    if (authorization instanceof Promise) forwardLater(passage, body, authorization);
    else forward(passage, body, authorization);
  }
}

/** The upstream's token is being renewed; until then the rest of the body stays with the client. */
function forwardLater(passage: Passage, body: ReadBody, authorization: Promise<string | undefined>): void {
  const { gateway, response } = passage;
  let left = false;
  response.onClose(() => (left = true));
  // The bytes are lent for this turn only.
  const kept = { bytes: Buffer.from(body.bytes), complete: body.complete };
  authorization.then(
    (value) => contain(gateway, response, () => left || forward(passage, kept, value)),
    (error: unknown) => contain(gateway, response, () => left || answer(passage, renewalFailure(passage, error), '')),
  );
}

function peek(inbound: Inbound, limit: number, body: ReadBody): McpRequest | undefined {
  if (inbound.method !== 'POST' || !isJson(inbound.contentType)) return undefined;
  return peekJsonRpc(body.bytes.length > limit ? body.bytes.subarray(0, limit) : body.bytes);
}

function deny(passage: Passage, decision: Decision, body: ReadBody): void {
  const { gateway, inbound, plan } = passage;
  const denied = { inbound, exchange: exchangeOf(inbound, plan.compiled), identity: gateway.identity };
  const limit = plan.compiled.route.mcp?.server?.max_request_bytes ?? 0;
  const request = plan.mcp && decision.kind === 'deny' ? peek(inbound, limit, body) : undefined;
  const what = answerTo(decision, {
    isServer: plan.compiled.kind === 'server',
    mcp: gateway.state.mcp,
    parsed: request !== undefined,
    prefersJson: preferenceOf(inbound.accept).json,
  });
  answer(passage, denialReply(denied, what, request), 'ext_authz_denied');
}

/** Answers in place of an upstream. */
function answer(passage: Passage, reply: Reply, details: string): void {
  const { gateway, inbound, response, plan } = passage;
  // A body that nobody reads would keep the connection from its next request.
  inbound.request.body.discard();
  sendReply(gateway, inbound, response, reply, { added: plan.response.added, details, cluster: '' });
}

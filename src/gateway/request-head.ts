import type { Session } from '../pomerium/model.ts';
import { classifyHeader, HEADER } from './header-names.ts';
import type { Inbound } from './inbound.ts';
import type { RoutePlan, Target } from './route-plan.ts';

/** What a request to the upstream has of its own. */
export interface OwnHeaders {
  /** Bytes of the body; undefined: the length is not known. */
  length: number | undefined;
  /** Value of `Authorization` in place of the client's; undefined: the gateway sets none. */
  authorization: string | undefined;
}

/** A character that would be another one, perhaps a line end, once it is written as a single byte. */
// eslint-disable-next-line no-control-regex -- the range is what one byte can hold.
const NOT_LATIN1 = /[^\0-\xff]/;
const SENDS_A_BODY = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The request head for the upstream, with the headers of Pomerium's table: the client's own in their order and spelling, then what
 * the gateway adds. Undefined: a header cannot be put on the wire.
 */
export function requestHead(
  inbound: Inbound,
  plan: RoutePlan,
  target: Target,
  session: Session | undefined,
  own: OwnHeaders,
): string | undefined {
  const lines = ownLines(inbound, plan, target, session);
  const head = `${lines}${bodyHeaders(inbound, own)}${authorizationHeader(own)}${addedHeaders(inbound, plan, target, session)}\r\n`;
  // HTTP/1.1 hands over bytes as characters; only HTTP/2 can bring others.
  return inbound.http2 && NOT_LATIN1.test(head) ? undefined : head;
}

/** The part of an upstream's request head that the client's own head makes, around the value of Content-Length. */
export interface OwnLines {
  target: Target;
  signedIn: boolean;
  before: string;
  after: string;
}

const LENGTH_VALUE = /(?<=\r\ncontent-length: )\d+(?=\r\n)/i;

function ownLines(inbound: Inbound, plan: RoutePlan, target: Target, session: Session | undefined): string {
  const { notes } = inbound.request;
  const signedIn = session !== undefined;
  const known = notes?.ownLines;
  if (known && known.target === target && known.signedIn === signedIn) {
    return known.before + inbound.contentLength + known.after;
  }
  const query = inbound.rawQuery === '' ? '' : `?${inbound.rawQuery}`;
  const host = target.hostOf(inbound) ?? inbound.host;
  const start = `${inbound.method} ${target.pathOf(inbound.path)}${query} HTTP/1.1\r\nHost: ${host}\r\n`;
  const text = start + clientHeaders(inbound, plan, session);
  const length = notes && inbound.contentLength > 0 ? LENGTH_VALUE.exec(text) : null;
  if (notes && length) {
    const before = text.slice(0, length.index);
    notes.ownLines = { target, signedIn, before, after: text.slice(length.index + length[0].length) };
  }
  return text;
}

function clientHeaders(inbound: Inbound, plan: RoutePlan, session: Session | undefined): string {
  const raw = inbound.request.rawHeaders;
  const dropped = plan.replacedHeaders;
  let lines = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const kind = classifyHeader(name);
    if (kind !== HEADER.pass && !passes(kind, inbound, plan, session)) continue;
    // A client that names Content-Length in its Connection header must not get a body past its framing.
    if (kind !== HEADER.contentLength && isDropped(name, dropped, inbound.connectionNames)) continue;
    lines += `${name}: ${raw[i + 1] ?? ''}\r\n`;
  }
  return lines;
}

function isDropped(name: string, replaced: RoutePlan['replacedHeaders'], named: Inbound['connectionNames']): boolean {
  if (replaced === undefined && named === undefined) return false;
  const lower = name.toLowerCase();
  return replaced?.has(lower) === true || named?.includes(lower) === true;
}

/** Whether a header that the gateway knows goes on as the client sent it. */
function passes(kind: number, inbound: Inbound, plan: RoutePlan, session: Session | undefined): boolean {
  switch (kind) {
    case HEADER.accept:
    case HEADER.contentType:
    case HEADER.origin:
    case HEADER.userAgent:
    case HEADER.referer:
      return true;
    case HEADER.contentLength:
      return inbound.contentLength >= 0;
    case HEADER.authorization:
      // A route to an MCP server or client takes the client's token whenever it knows the user; otherwise only Pomerium's own credentials are kept back.
      return !((plan.mcp || plan.mcpClient) && session) && !inbound.pomeriumCredential;
    default:
      return false;
  }
}

function authorizationHeader({ authorization }: OwnHeaders): string {
  return authorization === undefined ? '' : `authorization: ${authorization}\r\n`;
}

function bodyHeaders(inbound: Inbound, framing: OwnHeaders): string {
  if (inbound.contentLength > 0) return '';
  if (framing.length === undefined) return 'transfer-encoding: chunked\r\n';
  if (inbound.contentLength < 0) return `content-length: ${framing.length}\r\n`;
  return SENDS_A_BODY.has(inbound.method) && !inbound.declaresEmpty ? 'content-length: 0\r\n' : '';
}

function addedHeaders(inbound: Inbound, plan: RoutePlan, target: Target, session: Session | undefined): string {
  const via = inbound.forwardedFor;
  let lines =
    via === undefined
      ? `x-forwarded-for: ${inbound.remoteAddress}\r\nx-forwarded-proto: https\r\nx-envoy-internal: true\r\n`
      : `x-forwarded-for: ${via},${inbound.remoteAddress}\r\nx-forwarded-proto: https\r\nx-envoy-external-address: ${inbound.remoteAddress}\r\n`;
  lines += `x-request-id: ${inbound.requestId}\r\n`;
  const identity = session && plan.needsIdentity ? plan.identity.of(session) : undefined;
  if (identity && plan.passIdentity) lines += identity.block;
  if (plan.passIdentity && inbound.forgedAssertion !== undefined) {
    lines += `x-pomerium-jwt-assertion-for: ${inbound.forgedAssertion}\r\n`;
  }
  if (plan.setRequestHeaders) lines += plan.setRequestHeaders(inbound, identity?.assertion ?? '');
  if (inbound.cookie !== undefined) lines += `Cookie: ${withoutCookie(inbound.cookie, plan.cookieName)}\r\n`;
  if (plan.expectedTimeout !== undefined) lines += `x-envoy-expected-rq-timeout-ms: ${plan.expectedTimeout}\r\n`;
  if (target.hostOf(inbound) !== undefined) {
    lines += `x-envoy-original-host: ${inbound.host}\r\n`;
    if (plan.tellsHost) lines += `x-forwarded-host: ${inbound.host}\r\n`;
  }
  return lines;
}

/** Pomerium's session cookie stays here; the others go on. */
function withoutCookie(header: string, name: string): string {
  if (!header.includes(name)) return header;
  const kept = header.split(';').filter((part) => part.slice(0, part.indexOf('=')).trim() !== name);
  return kept.map((part) => part.trim()).join('; ');
}

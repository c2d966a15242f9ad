import { randomUUID } from 'node:crypto';
import type { ClientRequest } from './client/client.ts';
import { classifyHeader, HEADER } from './header-names.ts';
import { normalisePath } from './paths.ts';

/** A request as the gateway looks at it: one pass over its headers, nothing parsed that is not needed. */
export interface Inbound {
  request: ClientRequest;
  requestId: string;
  startedAt: number;
  http2: boolean;
  method: string;
  /** As sent, with its port; lower case. */
  host: string;
  /** Normalised. */
  path: string;
  /** Without the question mark. */
  rawQuery: string;
  authorization: string | undefined;
  cookie: string | undefined;
  accept: string | undefined;
  origin: string | undefined;
  contentType: string | undefined;
  /** Bytes; -1: a body of unknown length; 0: none. */
  contentLength: number;
  /** `Content-Length: 0` was sent, so that the body's absence need not be said again. */
  declaresEmpty: boolean;
  userAgent: string;
  referer: string;
  /** `X-Forwarded-For` as sent. */
  forwardedFor: string | undefined;
  /** An `X-Pomerium-Jwt-Assertion` that the client made up. */
  forgedAssertion: string | undefined;
  remoteAddress: string;
  /** A Pomerium credential other than an External Token was sent, in `X-Pomerium-Authorization` or `Authorization`. */
  pomeriumCredential: boolean;
  /** Names of the Connection header, lower case; undefined when it says nothing but keep-alive or close. */
  connectionNames: string[] | undefined;
}

/** Why a request is refused before anything else is looked at; the texts are Envoy's. */
export type Refusal = 'bad-request' | 'escaped-slash' | 'too-many-headers';

/** Envoy's default for max_headers_count. */
const MAX_HEADERS = 100;
const POMERIUM_CREDENTIAL = /^(?:pomerium |bearer pomerium-)/i;
const PLAIN_CONNECTION = /^(?:keep-alive|close)$/i;

export function readInbound(request: ClientRequest): Inbound | Refusal {
  const { notes } = request;
  const known = notes?.inbound;
  if (known) {
    const { contentLength } = request;
    return { ...known, request, requestId: randomUUID(), startedAt: performance.now(), contentLength };
  }
  const inbound = readHead(request);
  if (notes && typeof inbound !== 'string') notes.inbound = inbound;
  return inbound;
}

function readHead(request: ClientRequest): Inbound | Refusal {
  const raw = request.rawHeaders;
  const inbound = emptyInbound(request);
  if (raw.length > MAX_HEADERS * 2) return 'too-many-headers';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (!takeHeader(inbound, classifyHeader(raw[i] ?? ''), raw[i + 1] ?? '')) return 'bad-request';
  }
  return takeTarget(inbound, request.target);
}

function emptyInbound(request: ClientRequest): Inbound {
  const { http2 } = request;
  return {
    request,
    requestId: randomUUID(),
    startedAt: performance.now(),
    http2,
    method: request.method,
    host: (request.authority ?? '').toLowerCase(),
    path: '/',
    rawQuery: '',
    authorization: undefined,
    cookie: undefined,
    accept: undefined,
    origin: undefined,
    contentType: undefined,
    contentLength: http2 && !request.ended ? -1 : 0,
    declaresEmpty: false,
    userAgent: '',
    referer: '',
    forwardedFor: undefined,
    forgedAssertion: undefined,
    remoteAddress: request.remoteAddress,
    pomeriumCredential: false,
    connectionNames: undefined,
  };
}

/** False: the request is refused. */
function takeHeader(inbound: Inbound, kind: number, value: string): boolean {
  switch (kind) {
    case HEADER.pass:
      return true;
    case HEADER.underscore:
      return false;
    case HEADER.host:
      return takeHost(inbound, value);
    case HEADER.contentLength:
      inbound.contentLength = Number(value);
      inbound.declaresEmpty = inbound.contentLength === 0;
      return /^\d{1,15}$/.test(value);
    case HEADER.transferEncoding:
      inbound.contentLength = -1;
      return true;
    case HEADER.connection:
      if (!PLAIN_CONNECTION.test(value)) takeConnectionNames(inbound, value);
      return true;
    default:
      takeText(inbound, kind, value);
      return true;
  }
}

function takeHost(inbound: Inbound, value: string): boolean {
  if (inbound.http2 && inbound.host !== '') return true;
  if (inbound.host !== '') return false;
  inbound.host = value.toLowerCase();
  return true;
}

function takeConnectionNames(inbound: Inbound, value: string): void {
  const names = value.toLowerCase().split(',');
  inbound.connectionNames = [...(inbound.connectionNames ?? []), ...names.map((name) => name.trim())];
}

/** Headers that the gateway reads and that refuse nothing. */
function takeText(inbound: Inbound, kind: number, value: string): void {
  switch (kind) {
    case HEADER.authorization:
      inbound.authorization ??= value;
      if (POMERIUM_CREDENTIAL.test(value)) inbound.pomeriumCredential = true;
      break;
    case HEADER.cookie:
      inbound.cookie = inbound.cookie === undefined ? value : `${inbound.cookie}; ${value}`;
      break;
    case HEADER.accept:
      inbound.accept = inbound.accept === undefined ? value : `${inbound.accept}, ${value}`;
      break;
    case HEADER.origin:
      inbound.origin ??= value;
      break;
    case HEADER.contentType:
      inbound.contentType ??= value;
      break;
    case HEADER.userAgent:
      inbound.userAgent = value;
      break;
    case HEADER.referer:
      inbound.referer = value;
      break;
    case HEADER.forwardedFor:
      inbound.forwardedFor = inbound.forwardedFor === undefined ? value : `${inbound.forwardedFor},${value}`;
      break;
    case HEADER.assertion:
      inbound.forgedAssertion ??= value;
      break;
    case HEADER.pomeriumAuthorization:
      inbound.pomeriumCredential = true;
      break;
    default:
  }
}

function takeTarget(inbound: Inbound, url: string): Inbound | Refusal {
  let target = url;
  if (!target.startsWith('/')) {
    // RFC 9112 §3.2.2: the absolute form beats the Host header. The asterisk form names no resource that a route could have.
    const absolute = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target);
    if (!absolute) return 'bad-request';
    inbound.host = (absolute[1] ?? '').toLowerCase();
    target = absolute[2]?.startsWith('/') ? absolute[2] : `/${absolute[2] ?? ''}`;
  }
  const question = target.indexOf('?');
  const rawPath = question === -1 ? target : target.slice(0, question);
  inbound.rawQuery = question === -1 ? '' : target.slice(question + 1);
  if (!isPrintable(inbound.rawQuery) || inbound.host === '') return 'bad-request';
  const normal = normalisePath(rawPath);
  if (!normal.ok) return normal.reason === 'escaped-slash' ? 'escaped-slash' : 'bad-request';
  inbound.path = normal.path;
  return inbound;
}

function isPrintable(text: string): boolean {
  return text === '' || /^[\x21-\x22\x24-\x7e]*$/.test(text);
}

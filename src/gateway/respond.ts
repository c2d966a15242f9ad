import type { ClientResponse } from './client/client.ts';
import type { HeaderList, Reply } from './exchange.ts';
import type { Inbound } from './inbound.ts';
import { logAccess } from './request-log.ts';
import type { Gateway } from './state.ts';

/** What a header value must not hold (RFC 9110 §5.5), and what one byte cannot. */
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/g;
const NO_BODY = new Set([204, 304]);

export interface ReplyContext {
  /** Names and values in turn, from the route or the global options. */
  added: readonly string[];
  /** Envoy's `response-code-details` for the access log. */
  details: string;
  /** Made by the control plane, which stands behind Envoy: its answers bear a service time. */
  controlPlane?: boolean;
  cluster?: string;
}

/** Sends a reply that the gateway made itself, with the headers that every answer has. */
export function sendReply(
  gateway: Gateway,
  inbound: Inbound,
  response: ClientResponse,
  reply: Reply,
  context: ReplyContext,
): void {
  const body = typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
  const headers = flat(reply.headers);
  if (context.controlPlane) {
    headers.push('x-envoy-upstream-service-time', String(Math.round(performance.now() - inbound.startedAt)));
  }
  headers.push(...context.added);
  if (!NO_BODY.has(reply.status)) headers.push('content-length', String(body.length));
  headers.push('date', httpDate(), 'server', 'envoy', 'x-request-id', inbound.requestId);
  response.head(reply.status, headers);
  response.end(inbound.method === 'HEAD' || NO_BODY.has(reply.status) ? undefined : body);
  logAccess(gateway, inbound, {
    status: reply.status,
    size: body.length,
    details: context.details,
    cluster: context.cluster ?? '',
    authority: inbound.host,
    path: inbound.path,
  });
}

/** What Envoy answers before it looks at routes: no common headers, and the connection ends. */
export function refuse(response: ClientResponse, status: number, body: string): void {
  const headers = ['date', httpDate(), 'server', 'envoy', 'content-length', String(body.length)];
  if (body !== '') headers.push('content-type', 'text/plain');
  response.closeAfter();
  response.head(status, headers);
  response.end(Buffer.from(body));
}

function flat(headers: HeaderList): string[] {
  const list: string[] = [];
  for (const [name, value] of headers) list.push(name, value.replace(UNWRITABLE, ''));
  return list;
}

let dateSecond = 0;
let dateText = '';

/** The Date header's value (RFC 9110 §6.6.1), made once a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}

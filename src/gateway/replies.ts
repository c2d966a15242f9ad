import type { Exchange, HeaderList, Reply } from './exchange.ts';
import { STATUS_CODES } from './node-http.ts';
import { renderPage } from './page.ts';

export interface ErrorFields {
  status: number;
  /** Shown to the user; absent or empty: the status alone. */
  description?: string;
  /** A signed link to the user page; without it the page has no such link. */
  debugUrl?: string;
}

/**
 * An error of the control plane in its two faces: Pomerium v0.33.1 internal/httputil/errors.go. JSON goes only to those who
 * accept exactly that and nothing else.
 */
export function errorReply(exchange: Exchange, fields: ErrorFields): Reply {
  const { status, description = '', debugUrl } = fields;
  const headers: HeaderList = [['X-Pomerium-Intercepted-Response', 'true']];
  if (exchange.headers.accept === 'application/json') {
    headers.unshift(['Content-Type', 'application/json'], ['X-Content-Type-Options', 'nosniff']);
    const body = { Status: status, ...(description ? { description } : {}), RequestID: exchange.requestId };
    return { status, headers, body: `${JSON.stringify(body)}\n` };
  }
  headers.unshift(['Content-Type', 'text/html; charset=UTF-8']);
  const body = renderPage({
    canDebug: true,
    ...(debugUrl === undefined ? {} : { debugUrl }),
    description,
    page: 'Error',
    policyEvaluationTraces: null,
    requestId: exchange.requestId,
    status,
    statusText: statusText(status),
  });
  return { status, headers, body };
}

/** A bare text as Go's http.Error writes it, with its line end. */
export function textReply(status: number, text: string): Reply {
  const headers: HeaderList = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return { status, headers, body: `${text}\n` };
}

/** Go's names of the statuses; they differ from Node's in none that the gateway answers with but 413. */
export function statusText(status: number): string {
  return status === 413 ? 'Request Entity Too Large' : (STATUS_CODES[status] ?? 'Unknown');
}

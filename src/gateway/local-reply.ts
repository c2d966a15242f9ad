import { preferenceOf } from './accept.ts';
import type { Reply } from './exchange.ts';
import { renderPage } from './page.ts';

export interface LocalReplyFields {
  status: number;
  /** Envoy's response code details, blanks as underscores. */
  text: string;
  /** Envoy's response flags, such as `NR`. */
  flags: string;
}

/** What Envoy says by itself, in the form that Pomerium v0.33.1 config/envoyconfig gives to local replies. */
export function localReply(requestId: string, accept: string | undefined, fields: LocalReplyFields): Reply {
  const { status, text, flags } = fields;
  if (preferenceOf(accept).json) {
    const body = JSON.stringify({ requestId, status: String(status), statusText: text }, undefined, 2);
    return { status, headers: [['content-type', 'application/json; charset=UTF-8']], body: `${body}\n` };
  }
  const data = { page: 'Error', requestId, responseFlags: flags, status: String(status), statusText: text };
  return { status, headers: [['content-type', 'text/html; charset=UTF-8']], body: renderPage(data) };
}

export const ROUTE_NOT_FOUND: LocalReplyFields = { status: 404, text: 'route_not_found', flags: 'NR' };

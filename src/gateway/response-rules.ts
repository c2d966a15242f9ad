import type { Options, RewriteHeader, Route } from '../pomerium/model.ts';

/** Pomerium v0.33.1 config/options.go; strict-transport-security only where it holds a certificate of its own. */
const DEFAULTS: Record<string, string> = {
  'X-Frame-Options': 'SAMEORIGIN',
  'X-XSS-Protection': '1; mode=block',
};
const HSTS = { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains; preload' };

/** What a header value does not hold (RFC 9110 §5.5), and what one byte cannot. */
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/g;

/** What is done to the headers of a response on its way to the client. */
export interface ResponseRules {
  /** Names and values in turn, lower case: added to every answer. */
  added: readonly string[];
  /** Lower-case names that an upstream does not get to set. */
  overwritten: ReadonlySet<string>;
  /** What the beginnings of values become, in turn, by lower-case name. */
  rewritten: ReadonlyMap<string, readonly RewriteHeader[]> | undefined;
}

export function globalResponseHeaders(options: Options, secure: boolean): Record<string, string> {
  if (options.set_response_headers) return withoutSwitch(options.set_response_headers);
  return secure ? { ...HSTS, ...DEFAULTS } : DEFAULTS;
}

/** `disable: true` is Pomerium's way to ask for none. */
function withoutSwitch(headers: Record<string, string>): Record<string, string> {
  return 'disable' in headers ? {} : headers;
}

export function responseRules(global: Record<string, string>, route?: Route): ResponseRules {
  const merged = new Map<string, string>();
  for (const [name, value] of [...Object.entries(global), ...Object.entries(route?.set_response_headers ?? {})]) {
    merged.set(name.toLowerCase(), value.replace(UNWRITABLE, ''));
  }
  const rewritten = rewritesOf(route?.rewrite_response_headers ?? []);
  const added = [...merged].flatMap(([name, value]) => [name, rewrite(value, rewritten?.get(name))]);
  return { added, overwritten: new Set(merged.keys()), rewritten };
}

function rewritesOf(rules: readonly RewriteHeader[]): ResponseRules['rewritten'] {
  if (rules.length === 0) return undefined;
  return Map.groupBy(rules, ({ header }) => header.toLowerCase());
}

/** Pomerium v0.33.1 config/envoyconfig/luascripts/rewrite-headers.lua, after the headers of the route were set. */
function rewrite(value: string, rules: readonly RewriteHeader[] | undefined): string {
  let text = value;
  for (const { prefix, value: start } of rules ?? []) {
    if (text.startsWith(prefix)) text = start + text.slice(prefix.length);
  }
  return text.replace(UNWRITABLE, '');
}

/** RFC 9110 §7.6.1, and what the gateway writes itself. */
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'http2-settings',
  'server',
  'x-request-id',
  'x-envoy-upstream-service-time',
]);
const LONGEST_NAME = Math.max(...[...DROPPED].map((name) => name.length));

export interface TranslatedHead {
  /** Names and values in turn. */
  headers: string[];
  /** Of the body, in bytes; undefined: not announced. */
  contentLength: number | undefined;
  eventStream: boolean;
  hasDate: boolean;
}

/** The upstream's headers as the client gets them, without those that belong to one connection. */
export function translateHead(raw: readonly string[], rules: ResponseRules): TranslatedHead {
  const headers: string[] = [];
  const named = namedByConnection(raw);
  let contentLength: number | undefined;
  let eventStream = false;
  let hasDate = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const value = raw[i + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower.length <= LONGEST_NAME && DROPPED.has(lower)) continue;
    if (rules.overwritten.has(lower) || named?.includes(lower)) continue;
    if (lower === 'content-length') contentLength = Number(value);
    else if (lower === 'content-type') eventStream = value.startsWith('text/event-stream');
    else if (lower === 'date') hasDate = true;
    headers.push(name, rules.rewritten?.has(lower) ? rewrite(value, rules.rewritten.get(lower)) : value);
  }
  return { headers, contentLength, eventStream, hasDate };
}

/** What the upstream's Connection header names beside the usual: it goes no further. */
function namedByConnection(raw: readonly string[]): string[] | undefined {
  let value = '';
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length === 10 && name.toLowerCase() === 'connection') value = raw[i + 1] ?? '';
  }
  if (value === '' || value === 'keep-alive' || value === 'close') return undefined;
  const names = value
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const other = names.filter((name) => name !== 'keep-alive' && name !== 'close');
  return other.length > 0 ? other : undefined;
}

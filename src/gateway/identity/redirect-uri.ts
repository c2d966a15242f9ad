import { encodeQuery } from './go-text.ts';

/** Scheme, port-less host and path of a redirect to the own machine; user information makes it none. */
const LOOPBACK = /^([a-z][a-z0-9+.-]*):\/\/(localhost|127\.0\.0\.1)(?::\d*)?(\/[^?#]*|)(?:[?#]|$)/i;

/**
 * Exactly a registered URI, or one to loopback that differs in port and query only (RFC 8252 §7.3 as Pomerium v0.33.1
 * internal/oauth21 reads it: `localhost` and `127.0.0.1` are two hosts, `[::1]` is none).
 */
export function matchesRegistered(requested: string, registered: readonly string[]): boolean {
  if (registered.includes(requested)) return true;
  const wanted = loopbackParts(requested);
  return wanted !== undefined && registered.some((uri) => loopbackParts(uri) === wanted);
}

function loopbackParts(uri: string): string | undefined {
  const parts = LOOPBACK.exec(uri);
  return parts ? `${parts[1]?.toLowerCase()}://${parts[2]}${parts[3]}` : undefined;
}

/** The redirect URI with parameters added; its own query is kept and, as in Go, all are sorted. */
export function withParameters(redirectUri: string, parameters: Readonly<Record<string, string>>): string {
  const [beforeFragment, fragment] = splitAt(redirectUri, '#');
  const [base, query = ''] = splitAt(beforeFragment, '?');
  const kept = [...new URLSearchParams(query)].filter(([name]) => !(name in parameters));
  const encoded = encodeQuery([...kept, ...Object.entries(parameters)]);
  return `${base}?${encoded}${fragment === undefined ? '' : `#${fragment}`}`;
}

function splitAt(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

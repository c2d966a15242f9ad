import type { Options } from '../../pomerium/model.ts';

export interface CookieFields {
  name: string;
  value: string;
  path?: string;
  /** Milliseconds since 1970. */
  expires: number;
  /** Seconds. */
  maxAge?: number;
}

/** A Set-Cookie value, its attributes in the order of Go's http.Cookie. Always Secure: Pomerium v0.33.1 has no key for it. */
export function setCookie(options: Options, { name, value, path = '/', expires, maxAge }: CookieFields): string {
  const httpOnly = options.rest['cookie_http_only'] !== false;
  return [
    `${name}=${value}`,
    // Browsers take a cookie of this prefix under no other path.
    `Path=${name.startsWith('__Host-') ? '/' : path}`,
    ...(options.cookie_domain ? [`Domain=${options.cookie_domain.replace(/^\./, '')}`] : []),
    `Expires=${new Date(expires).toUTCString()}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
    ...(httpOnly ? ['HttpOnly'] : []),
    'Secure',
    ...sameSite(options.cookie_same_site),
  ].join('; ');
}

/** Removes a cookie; Pomerium dates the removal an hour back. */
export function clearCookie(options: Options, name: string, path = '/'): string {
  return setCookie(options, { name, value: '', path, expires: Date.now() - 3_600_000, maxAge: 0 });
}

/** `None` is the explicit word, and needed: browsers take a cookie without the attribute as Lax. */
function sameSite(value: string | undefined): string[] {
  const word = value?.toLowerCase();
  if (word === 'strict') return ['SameSite=Strict'];
  if (word === 'lax') return ['SameSite=Lax'];
  return word === 'none' ? ['SameSite=None'] : [];
}

/** The first cookie of that name in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  let start = 0;
  while (start < header.length) {
    const end = indexOrEnd(header, ';', start);
    const pair = header.slice(start, end).trim();
    if (pair.startsWith(name) && pair[name.length] === '=') return unquote(pair.slice(name.length + 1));
    start = end + 1;
  }
  return undefined;
}

function indexOrEnd(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

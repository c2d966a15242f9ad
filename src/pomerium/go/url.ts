/** A URL as Go's net/url reads it, which is laxer than the WHATWG's in some places and stricter in others. */
export interface GoUrl {
  scheme: string;
  /** What follows `scheme:` when that is no slash. */
  opaque: string;
  user: string | undefined;
  /** With the port. */
  host: string;
  /** Decoded. */
  path: string;
  rawPath: string;
  query: string;
  forceQuery: boolean;
  fragment: string;
}

const quote = (text: string): string => JSON.stringify(text);

/** net/url.Parse. Throws an Error with Go's message. */
export function parseGoUrl(raw: string): GoUrl {
  const hash = raw.indexOf('#');
  const start = hash < 0 ? raw : raw.slice(0, hash);
  const url = attempt(start, () => parse(start));
  if (hash >= 0) url.fragment = attempt(raw, () => unescape(raw.slice(hash + 1)));
  return url;
}

function attempt<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`parse ${quote(text)}: ${(error as Error).message}`, { cause: error });
  }
}

function parse(raw: string): GoUrl {
  // oxlint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(raw)) throw new Error('net/url: invalid control character in URL');
  const url: GoUrl = {
    scheme: '',
    opaque: '',
    user: undefined,
    host: '',
    path: '',
    rawPath: '',
    query: '',
    forceQuery: false,
    fragment: '',
  };
  if (raw.startsWith(':')) throw new Error('missing protocol scheme');
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(raw)?.[1] ?? '';
  url.scheme = scheme.toLowerCase();
  let rest = scheme === '' ? raw : raw.slice(scheme.length + 1);
  const mark = rest.indexOf('?');
  if (mark >= 0) {
    url.query = rest.slice(mark + 1);
    url.forceQuery = url.query === '';
    rest = rest.slice(0, mark);
  }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...url, opaque: rest };
    if (rest.split('/')[0]?.includes(':')) throw new Error('first path segment in URL cannot contain colon');
  }
  if (rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    readAuthority(slash < 0 ? rest.slice(2) : rest.slice(2, slash), url);
    rest = slash < 0 ? '' : rest.slice(slash);
  }
  url.path = unescape(rest);
  url.rawPath = escape(url.path, PATH_ESCAPES) === rest ? '' : rest;
  return url;
}

function readAuthority(authority: string, url: GoUrl): void {
  const at = authority.lastIndexOf('@');
  url.host = readHost(authority.slice(at + 1));
  if (at < 0) return;
  url.user = authority.slice(0, at);
  if (!/^[\w\-.:~!$&'()*+,;=%@]*$/.test(url.user)) throw new Error('net/url: invalid userinfo');
}

function readHost(host: string): string {
  let port = '';
  if (host.lastIndexOf('[') > 0) throw new Error('invalid IP-literal');
  if (host.startsWith('[')) {
    const close = host.lastIndexOf(']');
    if (close < 0) throw new Error("missing ']' in host");
    port = host.slice(close + 1);
  } else {
    const colon = host.lastIndexOf(':');
    if (colon >= 0) port = host.slice(colon);
  }
  if (!/^(:\d*)?$/.test(port)) throw new Error(`invalid port ${quote(port)} after host`);
  // In a host Go lets the sub-delimiters, colons, brackets, angle brackets and the double quote stand; `%25` is a zone's mark.
  const wrong = /%(?!25|[89a-f][\da-f])(.{0,2})|[ ^`{|}\\/?#]/i.exec(host);
  if (wrong)
    throw new Error(
      wrong[0].startsWith('%')
        ? `invalid URL escape ${quote(wrong[0])}`
        : `invalid character ${quote(wrong[0])} in host name`,
    );
  return unescape(host);
}

function unescape(text: string): string {
  const wrong = /%(?![\da-f]{2}).{0,2}/i.exec(text);
  if (wrong) throw new Error(`invalid URL escape ${quote(wrong[0])}`);
  if (!text.includes('%')) return text;
  const bytes = Buffer.from(text).toString('latin1');
  return Buffer.from(
    bytes.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  ).toString();
}

/** What Go escapes in a path, and in a fragment. */
const PATH_ESCAPES = /[^\w\-.~$&+,/:;=@]/g;
const FRAGMENT_ESCAPES = /[^\w\-.~$&+,/:;=?@!()*]/g;
const VALID_PATH = /^[\w\-.~!$&'()*+,;=:@[\]%/]*$/;

function escape(text: string, pattern: RegExp): string {
  const bytes = Buffer.from(text).toString('latin1');
  return bytes.replace(pattern, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

/** URL.String, as far as messages show it. */
export function formatGoUrl(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`;
  if (url.opaque !== '') return scheme + url.opaque;
  const user = url.user === undefined ? '' : `${url.user}@`;
  const hasAuthority = url.host !== '' || url.user !== undefined || (url.scheme !== '' && url.path !== '');
  const authority = hasAuthority ? `//${user}${url.host}` : '';
  const path = url.rawPath !== '' && VALID_PATH.test(url.rawPath) ? url.rawPath : escape(url.path, PATH_ESCAPES);
  const query = url.query !== '' || url.forceQuery ? `?${url.query}` : '';
  const fragment = url.fragment === '' ? '' : `#${escape(url.fragment, FRAGMENT_ESCAPES)}`;
  return scheme + authority + path + query + fragment;
}

export const isUnixScheme = (scheme: string): boolean => scheme === 'unix' || scheme === 'https+unix';

/** Pomerium v0.33.1 internal/urlutil/url.go, ParseAndValidateURL. Throws an Error with its message. */
export function parseUrl(raw: string): GoUrl {
  if (raw === '') throw new Error('url cannot be empty');
  let url: GoUrl;
  try {
    url = parseGoUrl(raw);
  } catch (error) {
    const { message } = error as Error;
    throw message.includes('first path segment in URL cannot contain colon')
      ? new Error(`${message}, have you specified protocol (ex: https)`, { cause: error })
      : error;
  }
  if (url.scheme === '') throw new Error(`${formatGoUrl(url)} url does not contain a valid scheme`);
  if (url.host === '' && !isUnixScheme(url.scheme))
    throw new Error(`${formatGoUrl(url)} url does not contain a valid hostname`);
  return url;
}

/** The host without port and brackets. */
export function hostnameOf(url: GoUrl): string {
  const name = url.host.replace(/:\d*$/, '');
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

/** Empty when the URL names none. */
export function portOf(url: GoUrl): string {
  return /:(\d*)$/.exec(url.host)?.[1] ?? '';
}

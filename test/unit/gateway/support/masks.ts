/** Values that are new on every run or were cut in the recordings, by the parameter's name. */
const RANDOM = new Set([
  'pomerium_expiry',
  'pomerium_idp_id',
  'pomerium_issued',
  'pomerium_session_encrypted',
  'pomerium_signature',
  'pomerium_traceparent',
  'code',
  'code_challenge',
  'id_token_hint',
]);

/** The recorded identity provider and the one of the test: its addresses are its own. */
const PROVIDER =
  /^(?:http:\/\/idp\.corp\.test:18080\/realms\/corp\/protocol\/openid-connect|http:\/\/127\.0\.0\.1:(?!7777|18\d\d\d)\d+)\/(auth|logout)/;

const MASKS: [pattern: RegExp, by: string][] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>'],
  [/203\.0\.113\.10|(?<=x-forwarded-for: )127\.0\.0\.1/g, '<client>'],
  [/(?<=,)127\.0\.0\.1/g, '<client>'],
  [/eyJ[\w-]+(?:\.[\w-]+\.[\w-]+|~\d+)/g, '<jwt>'],
  [/"kid":"[0-9a-f]{64}"/g, '"kid":"<kid>"'],
  [/"(x|y)":"[\w-]{43}"/g, '"$1":"<coordinate>"'],
  // An External Token or a refresh token: 124 to 128 characters there, 128 here.
  [/(?<=Bearer |_token":")(?:[\w+/=]{10}~\d+|[\w+/=]{100,})/g, '<token>'],
  [/upstream-token-\d+/g, '<upstream token>'],
  [/(?<="client_secret":")(?:[\w+/=]{10}~\d+|[\w+/=]{44})/g, '<secret>'],
  [/"expires_in":\d+/g, '"expires_in":<seconds>'],
  [/"client_id_issued_at":\d+/g, '"client_id_issued_at":<seconds>'],
];

export function mask(text: string): string {
  return MASKS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);
}

/** A URL with what is random in it blanked, also in the URLs among its parameters; order and spelling of the rest stay. */
export function maskUrl(url: string): string {
  const at = url.indexOf('?');
  const base = (at === -1 ? url : url.slice(0, at)).replace(PROVIDER, '<provider>/$1');
  if (at === -1) return mask(base);
  const parameters = url
    .slice(at + 1)
    .split('&')
    .map((pair) => maskParameter(pair));
  return `${mask(base)}?${parameters.join('&')}`;
}

function maskParameter(pair: string): string {
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  if (RANDOM.has(name)) return `${name}=…`;
  // Short ones are the client's own.
  if (name === 'state' && value.length > 8) return 'state=…';
  const inner = decodeURIComponent(value.replaceAll('+', ' '));
  return /^https?:/.test(inner) && inner.includes('?') ? `${name}=${maskUrl(inner)}` : `${name}=${mask(value)}`;
}

/** Names, attributes and their order; the value and the time are of the day. A suffix that is a hash was cut. */
export function maskCookies(lines: string): string {
  return lines
    .replace(
      /(_pomerium(?:_csrf|_pkce|_authenticate)?)[\w~-]*=([^;]*)/g,
      (_, name: string, value: string) => `${name}=${value && '…'}`,
    )
    .replace(/Expires=[^;]+GMT/g, 'Expires=<date>');
}

/** The page that goes with a redirect. */
export function maskLink(html: string): string {
  return html.replace(
    /href="([^"]*)"/,
    (_, url: string) => `href="${maskUrl(url.replaceAll('&amp;', '&')).replaceAll('&', '&amp;')}"`,
  );
}

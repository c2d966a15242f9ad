import { parseJson } from '../json.ts';

const MASK = '…';

const SECRETS = [
  'access_token|refresh_token|id_token|code|code_verifier|client_secret|client_assertion|state|nonce|token|password|session',
  'registration_access_token|device_code|logout_token|api_key|pomerium_(?:session_encrypted|signature|idp_access_token)',
].join('|');
const SECRET_NAMES = new RegExp(`^(?:${SECRETS})$`, 'i');
const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-pomerium-jwt-assertion',
  'x-pomerium-authorization',
]);
/** A signed token, wherever it stands: three parts of base64url. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;

export function redactUrl(text: string): string {
  const url = URL.parse(text);
  if (!url) return text;
  for (const part of ['search', 'hash'] as const) {
    const pairs = url[part].slice(1).split('&').filter(Boolean);
    const masked = pairs.map((pair) => {
      const [name = '', value] = pair.split('=', 2);
      if (value === undefined) return pair;
      const decoded = decode(value);
      if (SECRET_NAMES.test(decode(name))) return `${name}=${MASK}`;
      // A redirect carries the address that it goes back to, with its own parameters.
      return /^https?:/.test(decoded) ? `${name}=${encodeURIComponent(redactUrl(decoded))}` : `${name}=${value}`;
    });
    if (pairs.length > 0) url[part] = masked.join('&');
  }
  url.password &&= MASK;
  return url.href.replaceAll(encodeURIComponent(MASK), MASK).replaceAll('%25E2%2580%25A6', MASK);
}

export function redactHeader(name: string, value: string): string {
  const lower = name.toLowerCase();
  if (lower === 'set-cookie') return value.replace(/^([^=;]*)=[^;]*/, `$1=${MASK}`);
  if (lower === 'cookie') return value.replace(/=[^;]*/g, `=${MASK}`);
  if (lower === 'location' || lower === 'referer') return redactUrl(value);
  if (SECRET_HEADERS.has(lower)) return value.replace(/^(\w+\s)?.*$/s, `$1${MASK}`);
  return value.replace(JWT, MASK);
}

export function redactBody(text: string, type: string): string {
  if (/x-www-form-urlencoded/i.test(type)) {
    return text
      .split('&')
      .map((pair) => {
        const [name = ''] = pair.split('=', 1);
        return SECRET_NAMES.test(decode(name)) ? `${name}=${MASK}` : pair;
      })
      .join('&');
  }
  const json = parseJson(text);
  return maskInText(json === undefined ? text : JSON.stringify(masked(json)));
}

/** `code=…` in an address or a form, `"access_token": "…"` in a script: pages carry secrets in many forms. */
const IN_TEXT = new RegExp(`\\b(${SECRETS})(=|(?:"|&quot;|&#34;)\\s*:\\s*(?:"|&quot;|&#34;))[^&\\s"'<>]+`, 'gi');

function maskInText(text: string): string {
  return text.replace(IN_TEXT, (_, name: string, between: string) => name + between + MASK).replace(JWT, MASK);
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAMES.test(name) && typeof inner === 'string' ? MASK : masked(inner),
    ]),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** The request path as Envoy hands it on, or why it refuses the request. */
export type NormalPath = { ok: true; path: string } | { ok: false; reason: 'escaped-slash' | 'malformed' };

const PLAIN = /^\/(?!\.{1,2}(?:\/|$))[\w\-.~!$&'()*+,;=:@]*(?:\/(?!\.{1,2}(?:\/|$))[\w\-.~!$&'()*+,;=:@]+)*\/?$/;
const ESCAPED_SLASH = /%(?:2f|5c)/i;
const ALLOWED = /^\/[\x21-\x22\x24-\x7e]*$/;
const UNRESERVED = /^[\w\-.~]$/;

/**
 * Envoy with normalize_path, merge_slashes and REJECT_REQUEST for escaped slashes, as Pomerium v0.33.1
 * config/envoyconfig/listeners.go sets them: RFC 3986 §6.2.2 normalisation, then one slash for many.
 */
export function normalisePath(raw: string): NormalPath {
  if (PLAIN.test(raw)) return { ok: true, path: raw };
  if (ESCAPED_SLASH.test(raw)) return { ok: false, reason: 'escaped-slash' };
  if (!ALLOWED.test(raw)) return { ok: false, reason: 'malformed' };
  const decoded = raw.replaceAll('\\', '/').replace(/%([0-9a-f]{2})/gi, (escape, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    return UNRESERVED.test(character) ? character : escape;
  });
  return { ok: true, path: removeDotSegments(decoded).replace(/\/{2,}/g, '/') };
}

function removeDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment !== '.' && segment !== '..') kept.push(segment);
    if (segment === '..') kept.pop();
    if (last && (segment === '.' || segment === '..')) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** The path as the challenge names it: Go's path.Clean, so without a trailing slash; empty for the root. */
export function cleanPath(path: string): string {
  const cut = path.endsWith('/') ? path.slice(0, -1) : path;
  return cut === '/' ? '' : cut;
}

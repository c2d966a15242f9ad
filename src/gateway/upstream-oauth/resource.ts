import { posix } from 'node:path';

/** The parts of a URL as written: `new URL` would drop default ports, add slashes and escape. */
interface UrlParts {
  scheme: string;
  /** With its port. */
  host: string;
  path: string;
}

function partsOf(url: string): UrlParts | undefined {
  const [, scheme, authority, path = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)([^?#]*)/i.exec(url) ?? [];
  return scheme && authority ? { scheme, host: authority.replace(/^.*@/, ''), path } : undefined;
}

/** Scheme and host, without the scheme's own port (RFC 3986 §6.2.3). Throws when there are none. */
export function originOf(url: string): string {
  const parts = partsOf(url);
  if (!parts) throw new Error(`URL ${JSON.stringify(url)} missing scheme or host`);
  return `${parts.scheme}://${canonicalHost(parts)}`;
}

/** The path, without a slash at the end. */
export function pathOf(url: string): string {
  return (partsOf(url)?.path ?? '').replace(/\/$/, '');
}

export function hostnameOf(url: string): string {
  return (partsOf(url)?.host ?? '').replace(/:\d*$/, '').toLowerCase();
}

export function isHttps(url: string): boolean {
  return /^https:\/\//i.test(url);
}

function canonicalHost({ scheme, host }: UrlParts): string {
  const own = scheme.toLowerCase() === 'https' ? ':443' : scheme.toLowerCase() === 'http' ? ':80' : undefined;
  return own !== undefined && host.endsWith(own) ? host.slice(0, -own.length) : host;
}

/**
 * Whether protected resource metadata may speak for an upstream: the same origin, and the resource's path leads to the upstream's
 * (Pomerium v0.33.1 internal/mcp/upstream_oauth_setup.go, checkResourceAllowed). RFC 9728 §3.3 asks for equality.
 */
export function coversUpstream(resource: string, upstreamUrl: string): boolean {
  const [ours, theirs] = [partsOf(upstreamUrl), partsOf(resource)];
  if (!ours || !theirs) throw new Error(`PRM resource ${JSON.stringify(resource)} missing scheme or host`);
  if (ours.scheme.toLowerCase() !== theirs.scheme.toLowerCase()) return false;
  if (canonicalHost(ours).toLowerCase() !== canonicalHost(theirs).toLowerCase()) return false;
  return `${cleaned(ours.path)}/`.startsWith(`${cleaned(theirs.path)}/`);
}

/** Without dot segments and without a slash at the end; empty for the root. */
function cleaned(path: string): string {
  return posix.normalize(path === '' ? '/' : path).replace(/\/$/, '');
}

/**
 * The URL that a refused request is taken to have had: the host of `to` without its port, always https, the configured path before the
 * request's own. A server path that is also part of the request stands there twice. Pomerium v0.33.1 internal/mcp/extproc/server.go,
 * effectiveUpstreamResourceURL.
 */
export function refusedUrl(to: string, upstreamUrl: string, path: string): string {
  const base = partsOf(upstreamUrl)?.path ?? '';
  return `https://${hostnameOf(to)}${base.endsWith('/') ? base.slice(0, -1) : base}${path.startsWith('/') ? path : `/${path}`}`;
}

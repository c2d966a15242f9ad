import { parseUrl, type GoUrl } from './go/url.ts';
import type { Route, Upstream } from './model.ts';
import { xxh3 } from './go/xxh3.ts';

/**
 * The name of a route in Pomerium's logs and stores: 16 hexadecimal digits of from, prefix, path, regex and to, redirect or response.
 * Pomerium v0.33.1 config/policy.go, generateRouteID; internal/hashutil.
 */
export function routeId(route: Route): string {
  const target =
    route.to.length > 0
      ? hashUpstreams(route.to)
      : route.redirect
        ? hashRedirect(route.redirect)
        : hashResponse(route.response);
  return xxh3(Buffer.concat([text(route.from), text(route.prefix), text(route.path), text(route.regex), target]));
}

const byte = (value: number): Buffer => Buffer.of(value);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

/** Its length in bytes, then itself. */
function text(value = ''): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

const flag = (value: boolean): Buffer => byte(value ? 1 : 0);

function hashUpstreams(upstreams: readonly Upstream[]): Buffer {
  return Buffer.concat([
    byte(1),
    uint32(upstreams.length),
    ...upstreams.map(({ url, weight }) => Buffer.concat([hashUrl(parseUrl(url)), uint32(weight)])),
  ]);
}

function hashUrl(url: GoUrl): Buffer {
  const [user = '', ...password] = url.user?.split(':') ?? [];
  return Buffer.concat([
    text(url.scheme),
    text(url.opaque),
    url.user === undefined ? byte(0) : Buffer.concat([byte(1), text(user), text(password.join(':'))]),
    text(url.host),
    text(url.path),
    text(url.rawPath),
    // OmitHost is never set for the URLs that Pomerium takes.
    flag(false),
    flag(url.forceQuery),
    text(url.fragment),
    text(''),
  ]);
}

/** Keys in the order of the hash; an unset one is a zero byte. */
const REDIRECT_KEYS = [
  'https_redirect',
  'scheme_redirect',
  'host_redirect',
  'port_redirect',
  'path_redirect',
  'prefix_rewrite',
  'response_code',
  'strip_query',
];

function hashRedirect(redirect: Record<string, unknown>): Buffer {
  const parts = REDIRECT_KEYS.map((key) => {
    const value = redirect[key];
    if (typeof value === 'boolean') return Buffer.concat([byte(1), flag(value)]);
    if (typeof value === 'number') return Buffer.concat([byte(1), uint32(value)]);
    return typeof value === 'string' ? Buffer.concat([byte(1), text(value)]) : byte(0);
  });
  return Buffer.concat([byte(2), ...parts]);
}

function hashResponse(response: Route['response']): Buffer {
  return Buffer.concat([byte(3), uint32(response?.status ?? 0), text(response?.body)]);
}

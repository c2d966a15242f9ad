import type { Route } from '../pomerium/model.ts';
import type { HeaderList, Reply } from './exchange.ts';
import type { Inbound } from './inbound.ts';

/** The answer of a route that has `redirect` or `response` in place of `to`; undefined for one that proxies. */
export function directAnswer(route: Route, inbound: Inbound): Reply | undefined {
  // Pomerium v0.33.1 config/envoyconfig/routes.go looks for a redirect first.
  if (route.redirect) {
    const headers: HeaderList = [['location', locationOf(route.redirect, route, inbound)]];
    return { status: redirectStatus(route.redirect), headers, body: '' };
  }
  if (!route.response) return undefined;
  const { status, body } = route.response;
  return { status, headers: body === '' ? [] : [['content-type', 'text/plain']], body };
}

type Redirect = Record<string, unknown>;

/** Envoy's RedirectAction (source/common/router/config_impl.cc, newUri): without its own port a new host has none. */
function locationOf(redirect: Redirect, route: Route, inbound: Inbound): string {
  const scheme = text(redirect, 'scheme_redirect') ?? 'https';
  const port = redirect['port_redirect'];
  const portText = typeof port === 'number' && port > 0 ? `:${port}` : '';
  const host = text(redirect, 'host_redirect') ?? hostWithout(inbound.host, scheme, portText !== '');
  return `${scheme}://${host}${portText}${pathOf(redirect, route, inbound)}`;
}

function text(redirect: Redirect, key: string): string | undefined {
  const value = redirect[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The port that the client named goes when another is wanted, or when it belongs to the scheme that is left. */
function hostWithout(host: string, scheme: string, otherPort: boolean): string {
  const [, name, port] = /^(.*):(\d+)$/.exec(host) ?? [];
  return name !== undefined && (otherPort || (scheme !== 'https' && port === '443')) ? name : host;
}

/** The path with its query. A query in `path_redirect` takes the place of the client's, and is not stripped. */
function pathOf(redirect: Redirect, route: Route, { path, rawQuery }: Inbound): string {
  const query = rawQuery === '' || redirect['strip_query'] === true ? '' : `?${rawQuery}`;
  const whole = text(redirect, 'path_redirect');
  if (whole !== undefined) return whole.includes('?') ? whole : whole + query;
  const start = text(redirect, 'prefix_rewrite');
  if (start === undefined) return path + query;
  // An exact path and an expression match all of the path.
  const matched = route.regex || route.path ? path.length : (route.prefix ?? '/').length;
  return start + path.slice(matched) + query;
}

function redirectStatus(redirect: Redirect): number {
  const code = redirect['response_code'];
  return typeof code === 'number' ? code : 301;
}

import type { Route } from '../pomerium/model.ts';
import type { Reply } from './exchange.ts';
import type { Inbound } from './inbound.ts';

/** The answer of a route that has `redirect` or `response` in place of `to`; undefined for one that proxies. */
export function directAnswer(route: Route, inbound: Inbound): Reply | undefined {
  if (route.response) {
    return { status: route.response.status, headers: [['content-type', 'text/plain']], body: route.response.body };
  }
  if (!route.redirect) return undefined;
  return {
    status: redirectStatus(route.redirect),
    headers: [['location', locationOf(route.redirect, inbound)]],
    body: '',
  };
}

/** Envoy's RedirectAction, with the keys that Pomerium v0.33.1 config/policy.go gives it. */
function locationOf(redirect: Record<string, unknown>, inbound: Inbound): string {
  const text = (key: string): string | undefined =>
    typeof redirect[key] === 'string' && redirect[key] !== '' ? redirect[key] : undefined;
  const scheme = redirect['https_redirect'] === true ? 'https' : (text('scheme_redirect') ?? 'https');
  const [name, port] = splitPort(inbound.host);
  const wantedPort = typeof redirect['port_redirect'] === 'number' ? String(redirect['port_redirect']) : port;
  const host = `${text('host_redirect') ?? name}${wantedPort === undefined ? '' : `:${wantedPort}`}`;
  const path = text('path_redirect') ?? text('prefix_rewrite') ?? inbound.path;
  const query = inbound.rawQuery === '' || redirect['strip_query'] === true ? '' : `?${inbound.rawQuery}`;
  return `${scheme}://${host}${path}${query}`;
}

function splitPort(host: string): [name: string, port: string | undefined] {
  const match = /^(.*):(\d+)$/.exec(host);
  return match ? [match[1] ?? '', match[2]] : [host, undefined];
}

function redirectStatus(redirect: Record<string, unknown>): number {
  const code = redirect['response_code'];
  return typeof code === 'number' && [301, 302, 303, 307, 308].includes(code) ? code : 301;
}

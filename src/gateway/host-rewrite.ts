import { compileHostOfPath } from '../pomerium/index.ts';
import type { Route } from '../pomerium/model.ts';
import type { Inbound } from './inbound.ts';

/** What a host does not hold. */
const UNWRITABLE = /[^\x21-\x7e]/g;

/** The Host for the upstream; undefined: the client's goes on. */
export type HostRewrite = string | undefined | ((inbound: Inbound) => string | undefined);

/** The first of the keys that is set counts: Pomerium v0.33.1 config/envoyconfig/routes.go, setHostRewriteOptions. */
export function hostRewrite(route: Route, upstreamHost: string): HostRewrite {
  const { host_rewrite_header: header } = route;
  if (route.host_rewrite !== undefined) return route.host_rewrite;
  if (header !== undefined) {
    const name = header.toLowerCase();
    // Envoy leaves the host alone when the header is missing or empty.
    return ({ request }) => textOf(request.headers()[name]) || undefined;
  }
  const ofPath = compileHostOfPath(route);
  if (ofPath) return ({ path }) => ofPath(path).replace(UNWRITABLE, '') || undefined;
  return route.preserve_host_header ? undefined : upstreamHost;
}

function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value)?.replace(UNWRITABLE, '') ?? '';
}

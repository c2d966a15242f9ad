import { hostnameOf, parseUrl, portOf, type GoUrl } from './go/url.ts';
import type { CompiledRoute, RouteTable } from './index.ts';
import type { Options, Route } from './model.ts';
import { WildcardIndex } from './host-index.ts';
import { compilePathMatch, compilePathRewrite } from './path-match.ts';
import { compilePolicy } from './policy/compile.ts';
import { routeId } from './route-id.ts';

interface Entry {
  compiled: CompiledRoute;
  from: GoUrl;
  takesPath: (path: string) => boolean;
  isWildcard: boolean;
}

/** Makes the options' routes ready for requests. The options must come from parseConfig without errors. */
export function compileRoutes(options: Options): RouteTable {
  const entries = options.routes.map(compileEntry);
  const anyPort = options.runtime_flags['match_any_incoming_port'] ?? true;
  const hosts = groupByHost(entries, anyPort);
  const wildcards = new WildcardIndex<Entry>();
  for (const entry of entries) if (entry.isWildcard) wildcards.add(entry.compiled.host, entry, anyPort);
  const authenticate = options.authenticate_service_url
    ? hostKeys(parseUrl(options.authenticate_service_url), anyPort)
    : [];
  for (const key of authenticate) if (!hosts.has(key)) hosts.set(key, []);

  /** The routes of a host that has its own ones, which then are all it has. */
  const ofHost = (host: string): readonly Entry[] | undefined => {
    const name = host.toLowerCase();
    const exact = hosts.get(name);
    if (exact || !anyPort) return exact;
    const colon = /:\d*$/.exec(name);
    return colon ? hosts.get(name.slice(0, colon.index)) : undefined;
  };
  const candidates = (host: string): readonly Entry[] => ofHost(host) ?? wildcards.find(host.toLowerCase());

  return {
    routes: entries.map(({ compiled }) => compiled),
    match: (host, path) => candidates(host).find(({ takesPath }) => takesPath(path))?.compiled,
    knowsHost: (host) => ofHost(host) !== undefined || candidates(host).length > 0,
    serverRouteOf: (host) => ofHost(host)?.find(({ compiled }) => compiled.kind === 'server')?.compiled,
  };
}

function compileEntry(route: Route): Entry {
  const from = parseUrl(route.from);
  const { decide, needsTool } = compilePolicy(route);
  const rewrite = compilePathRewrite(route);
  const compiled: CompiledRoute = {
    route,
    id: routeId(route),
    host: hostOf(from),
    hostname: hostnameOf(from).toLowerCase(),
    kind: route.mcp?.server ? 'server' : route.mcp?.client ? 'client' : 'plain',
    upstreamPath: (path) => rewrite(path),
    decide,
    needsTool,
  };
  return {
    compiled,
    from,
    takesPath: compilePathMatch(route),
    isWildcard: compiled.host.includes('*'),
  };
}

const isHttp = ({ scheme }: GoUrl): boolean => scheme === 'https' || scheme === 'http';

/** Host with port; the scheme's default port is none (internal/urlutil/url.go, GetDomainsForURL). */
function hostOf(from: GoUrl): string {
  const port = portOf(from);
  const isDefault = port === '' || port === (from.scheme === 'http' ? '80' : '443');
  return (isDefault ? hostnameOf(from) : from.host).toLowerCase();
}

/** A `from` without port takes requests for any port, unless `match_any_incoming_port` is off. */
function hostKeys(from: GoUrl, anyPort: boolean): string[] {
  const host = hostOf(from);
  return anyPort || /:\d+$/.test(host) ? [host] : [host, `${host}:${from.scheme === 'http' ? '80' : '443'}`];
}

function groupByHost(entries: readonly Entry[], anyPort: boolean): Map<string, Entry[]> {
  const hosts = new Map<string, Entry[]>();
  for (const entry of entries) {
    // TCP, UDP and SSH routes take no HTTP requests.
    if (entry.isWildcard || !isHttp(entry.from)) continue;
    for (const key of hostKeys(entry.from, anyPort)) {
      const group = hosts.get(key);
      if (group) group.push(entry);
      else hosts.set(key, [entry]);
    }
  }
  return hosts;
}

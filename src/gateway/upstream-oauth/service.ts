import { posix } from 'node:path';
import type { CompiledRoute, RouteTable } from '../../pomerium/index.ts';
import type { McpServer } from '../../pomerium/model.ts';

/** The MCP server of a host, as the client of its authorization server sees it: Pomerium v0.33.1 internal/mcp/host_info.go. */
export interface UpstreamService {
  route: CompiledRoute;
  server: McpServer;
  hostname: string;
  /** Where discovery begins, and a part of the key of stored tokens. Empty: the route has no `to`. */
  upstreamUrl: string;
}

const SERVICES = new WeakMap<RouteTable, ReadonlyMap<string, UpstreamService>>();

/** The first MCP server route of a host name, whatever the port; the port of `host` does not count. */
export function serviceOf(table: RouteTable, host: string): UpstreamService | undefined {
  return servicesOf(table).get(withoutPort(host));
}

/** The same for the host of a route. A wildcard host is nobody's. */
export function serviceOfRoute(table: RouteTable, { hostname }: CompiledRoute): UpstreamService | undefined {
  return hostname.includes('*') ? undefined : servicesOf(table).get(hostname);
}

function servicesOf(table: RouteTable): ReadonlyMap<string, UpstreamService> {
  const known = SERVICES.get(table);
  if (known) return known;
  const services = new Map<string, UpstreamService>();
  for (const compiled of table.routes) {
    const { route, hostname } = compiled;
    const server = route.mcp?.server;
    if (!server || route.mcp?.client || services.has(hostname)) continue;
    services.set(hostname, { route: compiled, server, hostname, upstreamUrl: upstreamUrlOf(compiled) });
  }
  SERVICES.set(table, services);
  return services;
}

/** The first `to`, joined with the server's path. */
export function upstreamUrlOf({ route }: CompiledRoute): string {
  const [, scheme = '', host = '', path = ''] = /^([^:/]+):\/\/([^/?#]*)([^?#]*)/.exec(route.to[0]?.url ?? '') ?? [];
  if (host === '') return '';
  const serverPath = route.mcp?.server?.path || '/';
  const joined = serverPath === '/' && path === '' ? '' : joinPaths(path, serverPath);
  return `${scheme}://${host.replace(/^.*@/, '')}${joined}`;
}

/** Go's path.Join: clean, and without a slash at the end. */
export function joinPaths(...paths: string[]): string {
  const joined = posix.join(...paths.filter((path) => path !== ''));
  return joined.length > 1 && joined.endsWith('/') ? joined.slice(0, -1) : joined;
}

export function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

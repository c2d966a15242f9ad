import type { CompiledRoute, RouteTable } from '../pomerium/index.ts';

/** The host without its port: Pomerium knows the hosts of MCP routes by name alone (v0.33.1 internal/mcp/host_info.go). */
export function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

/** MCP servers by host name, the first route of each; a host with a client application is that and no server. */
export function mcpServers(table: RouteTable): ReadonlyMap<string, CompiledRoute> {
  const servers = new Map<string, CompiledRoute>();
  for (const compiled of table.routes) {
    const { mcp } = compiled.route;
    if (mcp?.server && !mcp.client && !servers.has(compiled.hostname)) servers.set(compiled.hostname, compiled);
  }
  return servers;
}

/** Whether an application that may be returned to stands behind a host. */
export function isMcpClientHost(table: RouteTable, hostname: string): boolean {
  return table.routes.some((compiled) => compiled.route.mcp?.client !== undefined && compiled.hostname === hostname);
}

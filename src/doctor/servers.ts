import type { Options, Route } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';

/** A route to an MCP server, as clients see it. */
export interface Server {
  name: string;
  /** What clients are told to connect to. */
  url: URL;
  route: Route;
}

/** Host names that the gateway's certificate has to name. */
export function hostsOf(options: Options | undefined): string[] {
  if (!options) return [];
  const urls = [...options.routes.map((route) => route.from), options.authenticate_service_url ?? ''];
  const names = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname);
  return [...new Set(names)];
}

/** The MCP servers for which somebody has to sign in. */
export function guardedServers(project: Project): Server[] {
  return (project.parsed.options?.routes ?? []).flatMap((route) => {
    const { name, from, mcp } = route;
    if (!mcp?.server || route.allow_public_unauthenticated_access || !URL.canParse(from)) return [];
    const url = new URL(mcp.server.path ?? '/', from);
    // Nobody can connect to a wildcard.
    return url.hostname.includes('*') ? [] : [{ name: name ?? url.hostname.split('.')[0] ?? url.hostname, url, route }];
  });
}

/** The URL as clients write it: without the slash that stands for no path. */
export function plainUrl({ url }: Server): string {
  return url.pathname === '/' && url.search === '' ? url.origin : url.href;
}

/** An origin that the gateway serves. */
export function baseUrl(project: Project): string {
  const [server] = guardedServers(project);
  const { authenticate_service_url: authenticate } = project.parsed.options ?? {};
  return server?.url.origin ?? authenticate ?? `https://${project.settings.domain}:${project.settings.port}`;
}

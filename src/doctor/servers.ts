import type { Options, Route } from '../pomerium/model.ts';
import type { Patient } from './patient.ts';

/** An MCP server, as clients see it. */
export interface Server {
  name: string;
  /** What clients are told to connect to. */
  url: URL;
  /** Absent for a server of which only the URL is known. */
  route?: Route;
}

/** The same, known from a configuration. */
export type RoutedServer = Server & { route: Route };

/** Host names that the gateway's certificate has to name. */
export function hostsOf(options: Options | undefined): string[] {
  if (!options) return [];
  const urls = [...options.routes.map((route) => route.from), options.authenticate_service_url ?? ''];
  const names = urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname);
  return [...new Set(names)];
}

/** The MCP servers for which somebody has to sign in. */
export function guardedServers({ routes = [] }: Partial<Pick<Options, 'routes'>>): RoutedServer[] {
  return routes.flatMap((route) => {
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
export async function baseUrl(
  patient: Pick<Patient, 'servers' | 'target' | 'project' | 'configuration'>,
): Promise<string> {
  const [server] = await patient.servers();
  if (server) return server.url.origin;
  const { options } = await patient.configuration();
  if (options?.authenticate_service_url) return options.authenticate_service_url;
  if (patient.target.kind !== 'project') return options?.routes[0]?.from ?? '';
  const { domain, port } = (await patient.project()).settings;
  return `https://${domain}:${port}`;
}

/** ` at line 12`, where the server's route stands; nothing where that is not known. */
export function placeOf({ route }: Server): string {
  return route?.position ? ` at line ${route.position.line}` : '';
}

/** The mend for a project of ours, or what to tell whoever runs the gateway. */
export function advise({ target }: Pick<Patient, 'target'>, ours: string, theirs: string): string {
  if (target.kind === 'project' || target.kind === 'nothing') return ours;
  const whom = target.kind === 'url' ? `whoever runs ${target.url.host}` : 'the gateway';
  return `# for ${whom}: ${theirs}`;
}

import type { Options, Route } from '../pomerium/model.ts';
import { describeAccess } from './access.ts';
import type { RouteStatus } from './engine.ts';

/** Every host the gateway answers for, without ports: what its certificate has to name. */
export function certificateNames(options: Options): string[] {
  const urls = [...options.routes.map((route) => route.from), options.authenticate_service_url ?? ''];
  return [...new Set(urls.filter((url) => URL.canParse(url)).map((url) => new URL(url).hostname))];
}

/** The routes to MCP servers. */
export function serverRoutes(options: Options): Route[] {
  return options.routes.filter((route) => route.mcp?.server !== undefined);
}

/** All routes as the status screen shows them; `tools` knows how many tools an upstream offers. */
export function describeRoutes(
  options: Options,
  tools: (route: Route) => number | undefined = () => undefined,
): RouteStatus[] {
  return options.routes.map((route) => {
    const count = tools(route);
    return {
      name: shortName(route),
      url: route.from,
      who: describeAccess(route),
      ...(count === undefined ? {} : { tools: count }),
    };
  });
}

/** The first label of the host: what `mcpgw token` takes. */
export function shortName(route: Route): string {
  return URL.canParse(route.from) ? (new URL(route.from).hostname.split('.')[0] ?? route.from) : route.from;
}

/** `https://host:port` of the gateway, for the eyes. */
export function gatewayUrl(domain: string, port: number): string {
  return `https://${domain}${port === 443 ? '' : `:${port}`}`;
}

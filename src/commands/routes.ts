import type { Ctx } from '../context.ts';
import type { Route } from '../pomerium/model.ts';
import { loadProject } from '../project/index.ts';
import { providerOfEndpoint } from '../scaffold/index.ts';
import { describeAccess } from '../stack/access.ts';
import { optionsOrThrow, requireProject } from '../stack/index.ts';
import { nameOf } from './add-names.ts';

export interface RouteRow {
  name: string;
  url: string;
  /** Upstream URLs; empty where the route answers by itself. */
  to: string[];
  kind: 'server' | 'client' | 'plain';
  who: string;
  /** Whose Internal Token its upstream gets: a preset's name, else the host of the token endpoint, or `discovery`. */
  provider?: string;
}

export interface RoutesResult {
  routes: RouteRow[];
}

/** Lists the routes as the files have them, whether or not anything runs. */
export async function run(ctx: Ctx, _options: object): Promise<RoutesResult> {
  const project = await loadProject(await requireProject(ctx.cwd), ctx.env);
  const { routes } = optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml');
  return { routes: routes.map(describe) };
}

export { routesScreen as screen } from '../ui/screens/routes.ts';

function describe(route: Route): RouteRow {
  const provider = providerOf(route);
  return {
    name: nameOf(route),
    url: route.from,
    to: route.to.map(({ url }) => url),
    kind: route.mcp?.server ? 'server' : route.mcp?.client ? 'client' : 'plain',
    who: describeAccess(route),
    ...(provider === undefined ? {} : { provider }),
  };
}

function providerOf({ mcp }: Route): string | undefined {
  const oauth = mcp?.server?.upstream_oauth2;
  if (!oauth) return undefined;
  const tokenUrl = oauth.endpoint?.token_url;
  if (!tokenUrl) return 'discovery';
  return providerOfEndpoint(tokenUrl) ?? URL.parse(tokenUrl)?.hostname;
}

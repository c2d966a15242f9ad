import type { Resolve } from '../../net/resolve.ts';
import type { Options, Route } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { countTools } from './probe.ts';
import { runnableServices } from './wanted.ts';

/** How many tools the routes offer, as far as it is known. */
export interface ToolCounts {
  refresh(project: Project, options: Options, resolve: Resolve): Promise<void>;
  of: (route: Route) => number | undefined;
}

/** Asks the in-process servers only: a stranger's server may need a session first, and its log is not ours to fill. */
export function createToolCounts(): ToolCounts {
  const counts = new Map<string, number>();
  return {
    of: (route) => counts.get(keyOf(route)),
    refresh: async (project, options, resolve) => {
      const own = runnableServices(project).flatMap((service) => (service.serves ? [service.name] : []));
      const unknown = options.routes.filter((route) => isServedBy(own, route) && !counts.has(keyOf(route)));
      await Promise.all(
        unknown.map(async (route) => {
          const count = await countTools(route, resolve);
          if (count !== undefined) counts.set(keyOf(route), count);
        }),
      );
    },
  };
}

function isServedBy(services: readonly string[], route: Route): boolean {
  return route.to.some(({ url }) => URL.canParse(url) && services.includes(new URL(url).hostname));
}

function keyOf(route: Route): string {
  return route.to[0]?.url ?? '';
}

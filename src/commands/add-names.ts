import type { Route } from '../pomerium/model.ts';
import type { Preset } from '../scaffold/index.ts';

/** A route's `name`, else the first label of its host. */
export function nameOf(route: Route): string {
  return route.name ?? URL.parse(route.from)?.hostname.split('.')[0] ?? '';
}

/** Where an application for a preset is registered. */
export function consoleOf(preset: Preset | undefined): string | undefined {
  return preset?.provider?.console ?? preset?.hosted?.console;
}

/** Pomerium v0.33.1 internal/mcp/handler.go: the same path on the host of every route. */
export function callbackOf(from: string): string {
  return `${from}/.pomerium/mcp/client/oauth/callback`;
}

/** Where the server postgres finds its connection string. */
export const DATABASE_SECRET = 'POSTGRES_URL';

/** The name under which a route's secret stands in .env. */
export function secretNameOf(name: string): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_CLIENT_SECRET`;
}

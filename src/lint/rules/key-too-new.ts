import { isAtLeast } from '../../pomerium/versions.ts';
import type { Path, Rule } from '../rule.ts';

/** Keys by the first release that knows them; older ones log them as unknown. */
const GLOBAL: Record<string, string> = {
  mcp_allowed_client_id_domains: 'v0.32.0',
  mcp_allowed_as_metadata_domains: 'v0.33.0',
};
const SERVER: Record<string, string> = {
  path: 'v0.31.0',
  authorization_server_url: 'v0.33.0',
};

export const keyTooNew: Rule = {
  id: 'KEY_TOO_NEW',
  severity: 'warning',
  to: 'v0.33.0',
  title: 'Every key is known to the release',
  why: 'An older release logs `unknown config option` and goes on without it.',
  fix: 'take a newer release, or delete the key',
  source: 'Pomerium release notes v0.31.0, v0.32.0, v0.33.0',
  *check({ config: { data }, release }) {
    const tooNew = (since: string): boolean => !isAtLeast(release, since);
    for (const [key, since] of Object.entries(GLOBAL)) {
      if (key in data && tooNew(since)) yield { path: [key], message: `\`${key}\` is there since ${since}` };
    }
    for (const { path, server } of serversIn(data)) {
      for (const [key, since] of Object.entries(SERVER)) {
        if (key in server && tooNew(since))
          yield { path: [...path, key], message: `\`mcp.server.${key}\` is there since ${since}` };
      }
      const upstream = server['upstream_oauth2'];
      if (
        typeof upstream === 'object' &&
        upstream !== null &&
        'authorization_url_params' in upstream &&
        tooNew('v0.33.0')
      )
        yield {
          path: [...path, 'upstream_oauth2', 'authorization_url_params'],
          message: '`authorization_url_params` is there since v0.33.0',
        };
    }
    if (data['databroker_storage_type'] === 'file' && tooNew('v0.31.0'))
      yield { path: ['databroker_storage_type'], message: '`databroker_storage_type: file` is there since v0.31.0' };
  },
};

function serversIn(data: Readonly<Record<string, unknown>>): { path: Path; server: Record<string, unknown> }[] {
  return ['routes', 'policy'].flatMap((list) => {
    const routes = Array.isArray(data[list]) ? (data[list] as unknown[]) : [];
    return routes.flatMap((route, i) => {
      const server = (route as { mcp?: { server?: unknown } } | null)?.mcp?.server;
      return typeof server === 'object' && server !== null
        ? [{ path: [list, i, 'mcp', 'server'], server: server as Record<string, unknown> }]
        : [];
    });
  });
}

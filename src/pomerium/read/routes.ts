import type { Route, Upstream } from '../model.ts';
import { formatPath, type Path } from '../path.ts';
import { readPolicy } from './policy.ts';
import type { Report } from '../report.ts';
import { buildRoute } from './route-options.ts';
import type { GlobalKeys } from '../schema/global.ts';
import type { RouteKeys } from '../schema/route.ts';
import { parseUpstreams } from './upstreams.ts';

/** A route with the keys it was made from and its place in the file. */
export interface RouteEntry {
  keys: RouteKeys;
  path: Path;
  /** Undefined: `to` is there but cannot be read, which has been reported. */
  to: Upstream[] | undefined;
  route: Route;
}

/** `policy` is the old name of `routes`; Pomerium takes the routes of both, those of `policy` first. */
export function readRoutes(keys: GlobalKeys, report: Report): RouteEntry[] {
  return (['policy', 'routes'] as const).flatMap((list) =>
    (keys[list] ?? []).flatMap((route, i) => (route ? [readRoute(route, [list, i], report)] : [])),
  );
}

/** What is a rule without standing in `policy`. */
const SHORTCUTS = [
  'allow_public_unauthenticated_access',
  'cors_allow_preflight',
  'allow_any_authenticated_user',
  'allowed_domains',
  'allowed_idp_claims',
  'allowed_users',
] as const;

function readRoute(keys: RouteKeys, path: Path, report: Report): RouteEntry {
  const to = readTo(keys.to, path, report);
  const { rules, positions } = readPolicy(keys.policy, path, report);
  for (const key of SHORTCUTS) {
    const position = keys[key] === undefined ? undefined : report.positionOf([...path, key]);
    if (position) positions[key] = position;
  }
  const route = buildRoute(keys, { to: to ?? [], policy: rules, position: report.positionOf(path), positions });
  return { keys, path, to, route };
}

function readTo(value: unknown, path: Path, report: Report): Upstream[] | undefined {
  if (value === undefined || value === null) return [];
  try {
    return parseUpstreams(value);
  } catch (error) {
    const { message } = error as Error;
    report.add({
      code: 'BAD_TO',
      path: [...path, 'to'],
      message: `\`to\` cannot be read: ${message}`,
      fix: 'write a URL with scheme and host, such as `to: http://mcp-servers:8080`',
      pomerium: report.decodeFailure(`'${formatPath(path)}' ${message}`),
    });
    return undefined;
  }
}

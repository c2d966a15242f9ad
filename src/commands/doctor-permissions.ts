import type { Ctx } from '../context.ts';
import type { Configuration } from '../doctor/configuration.ts';
import type { Permission } from '../doctor/patient.ts';
import { compileRoutes } from '../pomerium/index.ts';
import type { ProjectSettings } from '../project/index.ts';
import { matrixOf } from './policy-matrix.ts';

/** What each development user may do at each MCP server; for a configuration without users, whoever its policies name. */
export async function readPermissions(
  ctx: Ctx,
  { file, text, options, problems }: Configuration,
  users: ProjectSettings['users'],
): Promise<Permission[]> {
  if (!options) return [];
  const source = {
    file,
    text,
    options,
    problems,
    table: compileRoutes(options),
    ...(Object.keys(users).length > 0 ? { users } : {}),
  };
  const { routes } = await matrixOf(ctx, source, {});
  return routes.flatMap(({ name, rows }) => {
    const line = options.routes.find((route) => (route.name ?? new URL(route.from).hostname.split('.')[0]) === name)
      ?.position?.line;
    return rows.flatMap(({ call, cells }) =>
      cells.map(({ user, allowed }) => ({
        server: name,
        user,
        call,
        allowed,
        ...(line === undefined ? {} : { line }),
      })),
    );
  });
}

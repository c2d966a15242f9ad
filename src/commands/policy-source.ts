import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { compileRoutes, parseConfig, type CompiledRoute, type RouteTable } from '../pomerium/index.ts';
import type { Options, Problem } from '../pomerium/model.ts';
import { loadProject, type ProjectSettings } from '../project/index.ts';
import { optionsOrThrow, requireProject } from '../stack/index.ts';
import { systemError } from '../system-error.ts';

/** A configuration as files have it, without anything that runs. */
export interface PolicySource {
  /** As the user calls it. */
  file: string;
  text: string;
  options: Options;
  table: RouteTable;
  problems: readonly Problem[];
  /** Development users of the project; absent for a configuration that stands alone. */
  users?: ProjectSettings['users'];
}

/** Reads the project here, or a configuration alone. Throws what is wrong with it, with its place. */
export async function readSource(ctx: Ctx, config: string | undefined): Promise<PolicySource> {
  if (config !== undefined) return readAlone(ctx, config);
  const project = await loadProject(await requireProject(ctx.cwd), ctx.env);
  const file = 'pomerium-config.yaml';
  const options = optionsOrThrow(project.parsed, project.configText, file);
  const { problems } = project.parsed;
  return {
    file,
    text: project.configText,
    options,
    table: compileRoutes(options),
    problems,
    users: project.settings.users,
  };
}

async function readAlone(ctx: Ctx, file: string): Promise<PolicySource> {
  const text = await readFile(resolve(ctx.cwd, file), 'utf8').catch((error: unknown) => {
    throw systemError(error) ?? unreadable(file, error);
  });
  // Certificates and secrets in other files may well be missing on this machine, and no policy depends on them.
  const parsed = parseConfig(text, { file, env: ctx.env });
  const options = optionsOrThrow(parsed, text, file);
  return { file, text, options, table: compileRoutes(options), problems: parsed.problems };
}

function unreadable(file: string, cause: unknown): CliError {
  return new CliError({
    code: 'CONFIG_UNREADABLE',
    message: `${file} cannot be read`,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: 'mcpgw policy matrix --config <file>',
    cause,
  });
}

/** What a route is called in commands: its name, else the first label of its host. */
export function nameOf({ route, hostname }: CompiledRoute): string {
  return route.name ?? hostname.split('.')[0] ?? hostname;
}

/** The routes to MCP servers, or the one that is named. Throws when there is none of that name. */
export function chooseRoutes({ table, file }: PolicySource, word: string | undefined): CompiledRoute[] {
  if (word === undefined) return table.routes.filter(({ kind }) => kind === 'server');
  const wanted = word.toLowerCase();
  const found = table.routes.find((route) =>
    [nameOf(route), route.host, route.hostname, route.hostname.split('.')[0]].some(
      (name) => name?.toLowerCase() === wanted,
    ),
  );
  if (found) return [found];
  const names = table.routes.map(nameOf);
  const close = nearest(word, names);
  throw new CliError({
    code: 'ROUTE_UNKNOWN',
    message: `${file} has no route \`${word}\`${close ? `; did you mean \`${close}\`?` : ''}`,
    why: names.length > 0 ? `routes: ${names.join(', ')}` : 'it has no routes at all',
    fix: `mcpgw policy matrix${close ? ` --route ${close}` : ''}`,
    exit: EXIT.usage,
  });
}

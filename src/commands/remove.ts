import type { Ctx } from '../context.ts';
import { CliError, EXIT } from '../errors.ts';
import { nearest } from '../nearest.ts';
import {
  diffTexts,
  orphanedVariables,
  parseEnvFile,
  readTexts,
  removeFromCompose,
  removeFromEnv,
  removeFromServerTable,
  removeRoute,
  textChanges,
  unusedService,
  withLock,
  writeTogether,
  writtenRoutes,
  type ProjectTexts,
  type WrittenRoute,
} from '../project/index.ts';
import { requireProject } from '../stack/index.ts';

export interface RemoveOptions {
  route: string;
  yes?: boolean;
  secrets?: boolean;
  dryRun?: boolean;
}

export interface RemoveResult {
  /** `planned`: --dry-run. */
  kind: 'removed' | 'planned';
  route: { name: string; url: string };
  /** The service that went with it. */
  service?: string;
  files: { path: string; diff: string }[];
  /** What stays, and how it goes. */
  notes: string[];
}

/** Takes a route out of the project, with what nobody else needs. What is not asked for stays byte for byte. */
export async function run(ctx: Ctx, options: RemoveOptions): Promise<RemoveResult> {
  const folder = await requireProject(ctx.cwd);
  const before = await readTexts(folder);
  const route = findRoute(before.config, options.route);
  const unused = unusedService(before.config, before.compose, route);
  const service = unused !== undefined && (await isUnwanted(ctx, options, unused)) ? unused : undefined;
  const kept = without(before, route, service);
  const known = parseEnvFile(before.env);
  const secrets = orphanedVariables(before, kept).filter((name) => name in known);
  const texts = options.secrets ? withoutSecrets(kept, secrets) : kept;
  if (!options.dryRun) {
    await withLock(folder, { what: 'mcpgw remove', signal: ctx.signal }, async () =>
      // The route goes first: nothing may lead to a service that is gone.
      writeTogether(textChanges(folder, before, texts).toReversed()),
    );
  }
  // The route is gone by now, and with it the word to say so again.
  const takes = options.dryRun ? 'takes' : 'would have taken';
  return {
    kind: options.dryRun ? 'planned' : 'removed',
    route: { name: route.name, url: route.from },
    ...(service === undefined ? {} : { service }),
    files: diffTexts(before, texts),
    notes: [
      ...(unused !== undefined && service === undefined
        ? [`the service ${unused} stays in docker-compose.yaml; --yes ${takes} it, too`]
        : []),
      ...(secrets.length > 0 && !options.secrets
        ? [`${secrets.join(', ')} stays in .env; --secrets ${takes} it, too`]
        : []),
    ],
  };
}

export { removeScreen as screen } from '../ui/screens/remove.ts';

function without(before: ProjectTexts, route: WrittenRoute, service: string | undefined): ProjectTexts {
  const config = removeRoute(before.config, route);
  const readme = before.readme === undefined ? undefined : removeFromServerTable(before.readme, route.from);
  return { ...before, config, compose: removeFromCompose(before.compose, config, route, service), readme };
}

function withoutSecrets(texts: ProjectTexts, names: readonly string[]): ProjectTexts {
  const { env, envExample } = texts;
  return {
    ...texts,
    env: removeFromEnv(env, names),
    envExample: envExample === undefined ? undefined : removeFromEnv(envExample, names),
  };
}

async function isUnwanted(ctx: Ctx, { yes, dryRun }: RemoveOptions, service: string): Promise<boolean> {
  if (yes) return true;
  if (!ctx.interactive || dryRun) return false;
  return ctx.prompt.confirm({
    message: `No other route leads to the service ${service}. Remove it, too?`,
    default: true,
  });
}

function findRoute(config: string, wanted: string): WrittenRoute {
  const routes = writtenRoutes(config);
  const found = routes.find(({ name, host, from }) => [name, host, from].includes(wanted));
  if (found) return found;
  const names = routes.map(({ name }) => name);
  const close = nearest(wanted, names);
  throw new CliError({
    code: 'ROUTE_UNKNOWN',
    message: `there is no route \`${wanted}\`${close ? `; did you mean \`${close}\`?` : ''}`,
    why: names.length === 0 ? 'pomerium-config.yaml has no routes' : `there are ${names.join(', ')}`,
    fix: close ? `mcpgw remove ${close}` : 'mcpgw routes',
    exit: EXIT.usage,
  });
}

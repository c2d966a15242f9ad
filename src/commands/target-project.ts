import { createHash } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import { CliError } from '../errors.ts';
import { isLoopback } from '../oauth/http.ts';
import type { Route } from '../pomerium/model.ts';
import type { Project } from '../project/index.ts';
import { projectPaths } from '../project/paths.ts';

/** What has to be known of a project to reach its servers. */
export interface TargetProject {
  folder: string;
  routes: { name: string; url: string }[];
  /** Names of development users; with them goes the identity provider's URL. */
  users: string[];
  identityProvider?: string;
  /** Origins on this machine to which routes send users for their consent: such a provider is a mock. */
  mockProviders: string[];
  authority: string;
  /** The gateway's database; tokens live and die with it. */
  gatewayState: string;
  /** The domain whose names are this machine; absent for a public address. */
  localDomain?: string;
  load(): Promise<Project>;
}

const CACHE_VERSION = 3;

/**
 * The project's routes. They are kept beside the tokens together with a digest of the files they came from: reading
 * both YAML files anew would take longer than all the rest of `mcpgw token`.
 */
export async function readProject(ctx: Ctx, folder: string): Promise<TargetProject> {
  const paths = projectPaths(folder);
  const texts = await Promise.all([paths.config, paths.compose].map((file) => readFile(file, 'utf8').catch(() => '')));
  const load = async (): Promise<Project> => (await import('../project/index.ts')).loadProject(folder, ctx.env);
  const digest = createHash('sha256')
    .update(JSON.stringify([folder, ...texts]))
    .digest('base64url');
  const cacheFolder = join(stateFolder(ctx.env, process.platform), 'routes');
  const cacheFile = join(cacheFolder, `${createHash('sha256').update(folder).digest('base64url').slice(0, 22)}.json`);
  const kept = await readCache(cacheFile, digest);
  if (kept) return { ...kept, load };
  const facts = factsOf(await load());
  // Hosts that depend on .env or on the shell's variables change without the files.
  const isFixed = !/from:.*\$\{/.test(texts[0] ?? '');
  if (isFixed) await keep(cacheFolder, cacheFile, { version: CACHE_VERSION, digest, facts });
  return { ...facts, load };
}

/**
 * What changes when a project is made anew under the same address, or loses its gateway's state: tokens and registrations
 * from before are of no use then, and nobody should be given one.
 */
export async function realmOf({ authority, gatewayState }: TargetProject): Promise<string> {
  // Containers keep their data in volumes; `up` notes which ones.
  const noted = join(dirname(dirname(gatewayState)), 'docker.json');
  const [certificate, state, volumes] = await Promise.all([
    readFile(authority, 'utf8').catch(() => ''),
    stat(gatewayState).then(
      ({ ino, birthtimeMs }) => `${ino} ${Math.round(birthtimeMs)}`,
      () => '',
    ),
    readFile(noted, 'utf8').then(
      (text) => /"data": "([\w-]+)"/.exec(text)?.[1] ?? '',
      () => '',
    ),
  ]);
  return `${certificate}\n${state}${volumes}`;
}

type Facts = Omit<TargetProject, 'load'>;

async function readCache(file: string, digest: string): Promise<Facts | undefined> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as { version?: number; digest?: string; facts?: Facts };
    return kept.version === CACHE_VERSION && kept.digest === digest ? kept.facts : undefined;
  } catch {
    // Missing, damaged or from another version: it is made anew from the files.
    return undefined;
  }
}

async function keep(folder: string, file: string, content: unknown): Promise<void> {
  // Only time is lost without it, on a read-only home for instance.
  await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => writeFileAtomic(file, JSON.stringify(content), 0o600))
    .catch(() => undefined);
}

function factsOf({ folder, paths, parsed, settings }: Project): Facts {
  const [problem] = parsed.problems.filter(({ severity }) => severity === 'error');
  if (!parsed.options) throw brokenConfig(problem?.message ?? 'it cannot be read', problem?.position?.line);
  const routes = parsed.options.routes.flatMap(({ name, from, mcp }) => {
    if (!mcp?.server) return [];
    const url = new URL(mcp.server.path ?? '/', from);
    return [{ name: name ?? url.hostname.split('.')[0] ?? url.hostname, url: url.href }];
  });
  const { idp, domain, address } = settings;
  return {
    folder,
    routes,
    users: idp ? Object.keys(settings.users) : [],
    ...(idp ? { identityProvider: parsed.options.idp_provider_url ?? `http://idp.${domain}:${idp.port}` } : {}),
    mockProviders: address === 'local' ? mockProviders(parsed.options.routes, domain) : [],
    authority: paths.authority,
    gatewayState: paths.gatewayState,
    ...(address === 'local' ? { localDomain: domain } : {}),
  };
}

/** Where there is discovery, the provider is taken to be the service itself, as `mcpgw idp --as-upstream` is. */
function mockProviders(routes: readonly Route[], domain: string): string[] {
  const origins = routes.flatMap(({ mcp, to }) => {
    const server = mcp?.server;
    if (!server) return [];
    const named = server.upstream_oauth2?.endpoint?.auth_url ?? server.authorization_server_url;
    return (named === undefined ? to.map(({ url }) => url) : [named]).flatMap((text) => {
      const url = URL.parse(text);
      return url && isThisMachine(url.hostname, domain) ? [url.origin] : [];
    });
  });
  return [...new Set(origins)];
}

function isThisMachine(hostname: string, domain: string): boolean {
  return hostname.endsWith(`.${domain}`) || isLoopback(hostname);
}

function brokenConfig(message: string, line: number | undefined): CliError {
  return new CliError({
    code: 'CONFIG_INVALID',
    message: `pomerium-config.yaml${line === undefined ? '' : `:${line}`}: ${message}`,
    fix: 'mcpgw doctor --only files',
  });
}

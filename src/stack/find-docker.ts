import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether `docker compose` can be expected to work here. */
export type DockerVerdict =
  | { usable: true; endpoint: string }
  /** `why` continues a sentence: `Docker is not used, since ...`. */
  | { usable: false; why: string };

/** Milliseconds that an engine has to answer; one that hangs, or sits behind a dead network, must not hold up `create`. */
const PATIENCE = 200;
const DEFAULT_ENDPOINT = 'unix:///var/run/docker.sock';

/** Where Docker's CLI looks for its plugins beside the user's own folder; docker/cli cli-plugins/manager. */
const PLUGIN_FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
  '/opt/homebrew/lib/docker/cli-plugins',
  '/Applications/Docker.app/Contents/Resources/cli-plugins',
];

/** Looks for a Docker engine on this machine, its CLI and Compose. Starts no program, so that it costs a few milliseconds. */
export async function findDocker(env: Env): Promise<DockerVerdict> {
  const config = await readConfig(env);
  const [endpoint, cli, compose] = await Promise.all([
    endpointOf(env, config),
    isOnPath('docker', env),
    hasCompose(env, config),
  ]);
  if (!cli) return { usable: false, why: 'there is no `docker` on the PATH' };
  if (!compose) return { usable: false, why: 'its Compose plugin is missing' };
  if (endpoint === undefined) return { usable: false, why: 'the current docker context cannot be read' };
  const fault = await faultOf(endpoint);
  return fault === undefined ? { usable: true, endpoint } : { usable: false, why: fault };
}

interface DockerConfig {
  currentContext?: unknown;
  cliPluginsExtraDirs?: unknown;
}

function configFolder(env: Env): string {
  return env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
}

async function readConfig(env: Env): Promise<DockerConfig> {
  return readJson<DockerConfig>(join(configFolder(env), 'config.json'), {});
}

/** DOCKER_HOST, else DOCKER_CONTEXT, else the context in use, else Docker's own default: the CLI's order. */
async function endpointOf(env: Env, { currentContext }: DockerConfig): Promise<string | undefined> {
  if (env['DOCKER_HOST']) return env['DOCKER_HOST'];
  const context = env['DOCKER_CONTEXT'] || (typeof currentContext === 'string' ? currentContext : '');
  if (context === '' || context === 'default') return DEFAULT_ENDPOINT;
  const folder = createHash('sha256').update(context).digest('hex');
  const file = join(configFolder(env), 'contexts', 'meta', folder, 'meta.json');
  const meta = await readJson<{ Endpoints?: { docker?: { Host?: string } } }>(file, {});
  return meta.Endpoints?.docker?.Host;
}

async function hasCompose(env: Env, { cliPluginsExtraDirs }: DockerConfig): Promise<boolean> {
  const extra = Array.isArray(cliPluginsExtraDirs) ? cliPluginsExtraDirs.map(String) : [];
  const folders = [join(configFolder(env), 'cli-plugins'), ...extra, ...PLUGIN_FOLDERS];
  return anyExecutable(folders.map((folder) => join(folder, 'docker-compose')));
}

async function isOnPath(program: string, env: Env): Promise<boolean> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return anyExecutable(folders.map((folder) => join(folder, program)));
}

async function anyExecutable(files: readonly string[]): Promise<boolean> {
  const found = await Promise.allSettled(files.map(async (file) => access(file, constants.X_OK)));
  return found.some((one) => one.status === 'fulfilled');
}

/** Asks for the engine's sign of life; undefined when it gives one. */
async function faultOf(endpoint: string): Promise<string | undefined> {
  const address = addressOf(endpoint);
  // Containers of another machine are not reached under names that mean this one.
  if (address === undefined) return `its engine is on another machine (${endpoint})`;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const call = request({ ...address, path: '/_ping', timeout: PATIENCE }, (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? undefined : `its engine answered ${response.statusCode ?? '?'}`);
  });
  const limit = setTimeout(() => resolve('its engine does not answer'), PATIENCE);
  call.once('error', (error: NodeJS.ErrnoException) => resolve(explain(error, endpoint)));
  call.end();
  return promise.finally(() => {
    clearTimeout(limit);
    call.destroy();
  });
}

function addressOf(endpoint: string): { socketPath: string } | { host: string; port: number } | undefined {
  const [, scheme, rest = ''] = /^(unix|npipe|tcp):\/\/(.*)$/.exec(endpoint) ?? [];
  if (scheme === 'unix' || scheme === 'npipe') return { socketPath: rest };
  const url = URL.parse(endpoint);
  const isHere = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return scheme === 'tcp' && isHere ? { host: url.hostname, port: Number(url.port || 2375) } : undefined;
}

function explain({ code, message }: NodeJS.ErrnoException, endpoint: string): string {
  if (code === 'EACCES' || code === 'EPERM') return `this user may not open ${endpoint}`;
  return code === 'ENOENT' || code === 'ECONNREFUSED' ? 'its engine does not run' : `its engine fails: ${message}`;
}

async function readJson<T>(file: string, otherwise: T): Promise<T> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as T) : otherwise;
  } catch {
    return otherwise;
  }
}

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../errors.ts';
import { runDocker } from './docker-cli.ts';

/** Where the Docker Engine listens. */
export type Endpoint =
  | { kind: 'socket'; path: string }
  | { kind: 'tcp'; host: string; port: number; tls?: { ca?: string; cert?: string; key?: string } };

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_SOCKET = '/var/run/docker.sock';
const TLS_FILES = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } as const;

/** The endpoint as the docker CLI finds it: DOCKER_HOST, else the current context. */
export async function findEndpoint(env: Env): Promise<Endpoint> {
  const host = env['DOCKER_HOST'];
  if (host)
    return parseEndpoint(host, await readTls(env['DOCKER_TLS_VERIFY'] ? env['DOCKER_CERT_PATH'] : undefined), true);
  if (!(await usesContext(env))) return { kind: 'socket', path: DEFAULT_SOCKET };
  const { code, stdout, stderr } = await runDocker(['context', 'inspect'], { cwd: homedir(), env });
  if (code !== 0) throw badContext(stderr, env['DOCKER_CONTEXT'] !== undefined);
  const { host: chosen, tlsFolder } = readContext(stdout);
  return parseEndpoint(chosen, await readTls(tlsFolder));
}

/** The default context needs no question to the CLI, which would take longer than all the rest of `status`. */
async function usesContext(env: Env): Promise<boolean> {
  if (env['DOCKER_CONTEXT']) return env['DOCKER_CONTEXT'] !== 'default';
  const folder = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => '');
  return /"currentContext"\s*:\s*"(?!default")[^"]+"/.test(text);
}

/** The host and the folder of TLS files in what `docker context inspect` says. */
export function readContext(text: string): { host: string; tlsFolder?: string } {
  const [context] = JSON.parse(text) as {
    Endpoints?: { docker?: { Host?: string } };
    TLSMaterial?: { docker?: string[] };
    Storage?: { TLSPath?: string };
  }[];
  const host = context?.Endpoints?.docker?.Host;
  if (!host) throw badContext('it names no docker endpoint');
  const hasTls = (context.TLSMaterial?.docker ?? []).length > 0;
  const folder = context.Storage?.TLSPath;
  return { host, ...(hasTls && folder ? { tlsFolder: join(folder, 'docker') } : {}) };
}

/** `fromVariable`: DOCKER_HOST named it, which beats every context. */
export function parseEndpoint(
  host: string,
  tls?: { ca?: string; cert?: string; key?: string },
  fromVariable = false,
): Endpoint {
  const [, scheme = '', rest = ''] = /^(\w+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === 'unix') return { kind: 'socket', path: rest || DEFAULT_SOCKET };
  if (scheme === 'npipe') return { kind: 'socket', path: rest.replaceAll('\\', '/') };
  const url = scheme === 'tcp' || scheme === 'http' || scheme === 'https' ? URL.parse(`http://${rest}`) : null;
  if (url)
    return {
      kind: 'tcp',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || (tls ? 2376 : 2375),
      ...(tls ? { tls } : {}),
    };
  throw new CliError({
    code: 'DOCKER_ENDPOINT',
    message: `the Docker endpoint ${host} cannot be used`,
    why:
      scheme === 'ssh'
        ? 'a project mounts files of this machine into its containers, which an engine behind ssh cannot see'
        : 'unix://, npipe:// and tcp:// are known',
    fix: fromVariable ? 'unset DOCKER_HOST' : 'docker context use default',
  });
}

async function readTls(folder: string | undefined): Promise<{ ca?: string; cert?: string; key?: string } | undefined> {
  if (!folder) return undefined;
  const entries = Object.entries(TLS_FILES).map(async ([name, file]) => {
    const text = await readFile(join(folder, file), 'utf8').catch(() => undefined);
    return text === undefined ? [] : [[name, text] as const];
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

function badContext(why: string, fromVariable = false): CliError {
  return new CliError({
    code: 'DOCKER_ENDPOINT',
    message: 'the current docker context cannot be used',
    why: why.trim(),
    fix: fromVariable ? 'unset DOCKER_CONTEXT' : 'docker context ls, then docker context use default',
  });
}

import { CliError } from '../../errors.ts';
import type { Endpoint } from './endpoint.ts';

/** Compose before this ignores `create_host_path: false` or has no `config --hash`. */
const OLDEST_COMPOSE = [2, 20] as const;
const LAST_LINES = 12;

export function noDockerCli(cause: unknown): CliError {
  return new CliError({
    code: 'DOCKER_MISSING',
    message: 'there is no `docker` on PATH',
    why: 'the project’s engine is docker',
    fix: 'install Docker (https://docs.docker.com/get-started/get-docker/), or run it without: engine: embedded under x-mcpgw in docker-compose.yaml',
    cause,
  });
}

/** Throws when the answer of `docker compose version --short` is none, or names a version that is too old. */
export function assertCompose({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): void {
  const [, major, minor] = /v?(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (code !== 0 || major === undefined) {
    throw new CliError({
      code: 'COMPOSE_MISSING',
      message: 'this docker has no Compose',
      why: lastLines(stderr),
      fix: 'install its plugin: https://docs.docker.com/compose/install/ (Debian, Ubuntu: apt-get install docker-compose-plugin)',
    });
  }
  const isOld =
    Number(major) < OLDEST_COMPOSE[0] || (Number(major) === OLDEST_COMPOSE[0] && Number(minor) < OLDEST_COMPOSE[1]);
  if (!isOld) return;
  throw new CliError({
    code: 'COMPOSE_TOO_OLD',
    message: `Compose ${stdout.trim()} is too old; ${OLDEST_COMPOSE.join('.')} is the oldest that works here`,
    fix: 'update it: https://docs.docker.com/compose/install/',
  });
}

export function dockerDown(where: string, cause?: unknown): CliError {
  return new CliError({
    code: 'DOCKER_DOWN',
    message: `no Docker Engine answers at ${where}`,
    fix: 'start it: Docker Desktop, colima start, or sudo systemctl start docker',
    cause,
  });
}

export function dockerForbidden(where: string, cause?: unknown): CliError {
  return new CliError({
    code: 'DOCKER_FORBIDDEN',
    message: `no permission to talk to the Docker Engine at ${where}`,
    why: 'its socket belongs to root and the group docker',
    fix: 'sudo usermod -aG docker "$USER", then sign in anew',
    cause,
  });
}

/** What the socket says when nobody answers there, in the terms of above; anything else as it is. */
export function explainApiError(error: unknown, endpoint: Endpoint): unknown {
  if (error instanceof CliError || !(error instanceof Error)) return error;
  const where = endpoint.kind === 'socket' ? endpoint.path : `${endpoint.host}:${endpoint.port}`;
  const code = 'code' in error ? error.code : undefined;
  if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'ENOTSOCK'].includes(String(code)))
    return dockerDown(where, error);
  if (code === 'EACCES' || code === 'EPERM') return dockerForbidden(where, error);
  return error;
}

type Explain = (match: RegExpExecArray, text: string) => CliError;

/** What Docker, Compose and registries say, and what it means. The first that matches wins. */
const KNOWN: readonly (readonly [RegExp, Explain])[] = [
  [
    /permission denied while trying to connect to the (?:Docker daemon socket|docker API)(?: at (\S+?))?[:\s]/i,
    ([, where]) => dockerForbidden(where ?? 'its socket'),
  ],
  [
    /(?:Cannot connect to the Docker daemon|error during connect|failed to connect to the docker API)(?: at (\S+?)\.? )?/i,
    ([, where]) => dockerDown(where ?? 'its socket'),
  ],
  [
    /(?:Bind for|listen tcp[46]?|bind host port(?: for)?|exposing port TCP|Ports are not available:.*?) ?(?:[\d.]+|\[[\d:a-f]*\])?:(\d+)[^\n]*(?:port is already allocated|address already in use|already in use)/i,
    ([, port], text) => portHeld(Number(port), text),
  ],
  [/no space left on device/i, (_match, text) => dockerDiskFull(text)],
  [
    /toomanyrequests|429 Too Many Requests|reached your (?:unauthenticated )?pull rate limit/i,
    (_match, text) =>
      new CliError({
        code: 'REGISTRY_LIMIT',
        message: 'the registry lets this machine download no more images for now',
        why: lastLines(text),
        fix: 'docker login, which raises the limit; or wait, and run mcpgw up again: what was downloaded is kept',
      }),
  ],
  [
    /no matching manifest for (\S+)|does not match the (?:specified|detected host) platform|exec format error/i,
    ([, platform], text) => wrongArchitecture(text, platform),
  ],
  [
    /manifest (?:for \S+ )?(?:not found|unknown)|pull access denied|(?:daemon:|error -) denied|denied: requested access|unauthorized: |no basic auth credentials|repository does not exist|no such image|: not found$|failed to resolve reference/im,
    (_match, text) => imageNotFound(text),
  ],
  [
    /no such host|i\/o timeout|TLS handshake timeout|network is unreachable|proxyconnect|connection refused|server misbehaving|Client\.Timeout exceeded|request canceled while waiting/i,
    (_match, text) =>
      new CliError({
        code: 'REGISTRY_UNREACHABLE',
        message: 'the registry cannot be reached',
        why: lastLines(text),
        fix: 'look at the network and its proxy; without one, load the images from a file: docker load -i images.tar',
      }),
  ],
  [
    /bind source path does not exist: (\S+)|invalid mount config for type "bind": [^\n]*?(\/\S+)/i,
    ([, source, other]) =>
      new CliError({
        code: 'MOUNT_MISSING',
        message: `${source ?? other ?? 'a file'} is to be mounted into a container and is not there`,
        fix: 'mcpgw create . --yes, which adds missing files; then mcpgw up',
      }),
  ],
];

/** The known failure in what Docker or Compose said; undefined when it is none. */
export function explainDockerText(text: string): CliError | undefined {
  for (const [pattern, explain] of KNOWN) {
    const match = pattern.exec(text);
    if (match) return explain(match, text);
  }
  return undefined;
}

/** A Compose command that failed, explained where it can be. */
export function composeFailed(command: string, code: number, text: string): CliError {
  return (
    explainDockerText(text) ??
    new CliError({
      code: 'COMPOSE_FAILED',
      message: `docker compose ${command} failed (exit code ${code})`,
      why: lastLines(text),
      fix: `run it by hand to see all of it: docker compose ${command}`,
    })
  );
}

/** Compose's reading of the project's files failed. */
export function composeInvalid(text: string): CliError {
  return (
    explainDockerText(text) ??
    variableMissing(text) ??
    new CliError({
      code: 'COMPOSE_INVALID',
      message: 'docker-compose.yaml is refused by Compose',
      why: lastLines(text),
      fix: 'correct it; docker compose config --quiet says when it is well',
    })
  );
}

/** `${NAME:?}` in the compose file, and no value for it: the file is well, and .env is not. */
function variableMissing(text: string): CliError | undefined {
  const [, name] = /required variable (\w+) is missing a value/.exec(text) ?? [];
  if (name === undefined) return undefined;
  return new CliError({
    code: 'SECRET_MISSING',
    message: `${name} has no value`,
    why: 'docker-compose.yaml cannot do without it, and neither .env nor the environment has it',
    fix: `write it into .env: ${name}=…`,
  });
}

export function imageNotFound(text: string, name?: string): CliError {
  const [, quoted] = /(?:for|reference|denied for|image:?) "?([\w./-]+(?::[\w.-]+)?)"?/i.exec(text) ?? [];
  const image = name ?? quoted;
  return new CliError({
    code: 'IMAGE_NOT_FOUND',
    message: `the image ${image ?? ''} cannot be found`.replace('  ', ' '),
    why: lastLines(text),
    fix: 'correct its name in .env or docker-compose.yaml; for a private registry: docker login',
    details: image === undefined ? {} : { image },
  });
}

export function wrongArchitecture(text: string, platform?: string): CliError {
  return new CliError({
    code: 'WRONG_ARCHITECTURE',
    message: `an image is made for another processor${platform ? ` than ${platform.replace(/[;,]$/, '')}` : ''}`,
    why: lastLines(text),
    fix: 'name an image that has this platform; docker image rm it first where it was loaded from a file',
  });
}

function portHeld(port: number, text: string): CliError {
  return new CliError({
    code: 'PORT_BUSY',
    message: `port ${port} is held by another program or container`,
    why: lastLines(text, 1),
    fix: `stop it, or move this project: mcpgw up --port ${port + 1000} --save`,
    details: { port },
  });
}

function dockerDiskFull(text: string): CliError {
  return new CliError({
    code: 'DISK_FULL',
    message: 'the disk that holds Docker’s images and volumes is full',
    why: lastLines(text, 2),
    fix: 'docker system df shows where it went; docker image prune frees what nothing uses',
  });
}

/** The end of a text, without empty lines and colours. */
export function lastLines(text: string, count = LAST_LINES): string {
  // oxlint-disable-next-line no-control-regex -- colours are what is taken away.
  const plain = text.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
  return plain
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-count)
    .join('\n');
}

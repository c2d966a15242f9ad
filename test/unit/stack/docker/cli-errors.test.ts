import { describe, expect, test } from 'vitest';
import { CliError } from '../../../../src/errors.ts';
import {
  assertCompose,
  composeFailed,
  composeInvalid,
  explainApiError,
  explainDockerText,
} from '../../../../src/stack/docker/cli-errors.ts';

/** What Docker, Compose and registries were seen to say, across versions. */
const SAID: [code: string, text: string][] = [
  ['DOCKER_DOWN', 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'],
  [
    'DOCKER_DOWN',
    'error during connect: Get "http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/_ping": open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified.',
  ],
  [
    'DOCKER_DOWN',
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
  ],
  [
    'DOCKER_FORBIDDEN',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/_ping": dial unix /var/run/docker.sock: connect: permission denied',
  ],
  ['DOCKER_FORBIDDEN', 'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock'],
  [
    'PORT_BUSY',
    'Error response from daemon: driver failed programming external connectivity on endpoint gw-pomerium-1 (4a1f): Bind for 127.0.0.1:8443 failed: port is already allocated',
  ],
  [
    'PORT_BUSY',
    'Error response from daemon: driver failed programming external connectivity on endpoint gw-pomerium-1 (4a1f): Error starting userland proxy: listen tcp4 127.0.0.1:8443: bind: address already in use',
  ],
  [
    'PORT_BUSY',
    'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint gw-pomerium-1: failed to bind host port for 127.0.0.1:8443:172.18.0.3:8443/tcp: address already in use',
  ],
  [
    'PORT_BUSY',
    'Error response from daemon: Ports are not available: exposing port TCP 127.0.0.1:8443 -> 127.0.0.1:0: listen tcp 127.0.0.1:8443: bind: address already in use',
  ],
  [
    'IMAGE_NOT_FOUND',
    'Error response from daemon: manifest for pomerium/pomerium:v9.9.9 not found: manifest unknown: manifest unknown',
  ],
  [
    'IMAGE_NOT_FOUND',
    "pull access denied for pomerium/nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
  ['IMAGE_NOT_FOUND', 'Error response from daemon: No such image: mcpgw:0.1.0'],
  ['IMAGE_NOT_FOUND', 'docker.io/pomerium/pomerium:v9.9.9: not found'],
  [
    'REGISTRY_LIMIT',
    'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
  ],
  ['REGISTRY_LIMIT', 'Error response from daemon: error from registry: 429 Too Many Requests'],
  [
    'REGISTRY_UNREACHABLE',
    '(HTTP code 500) server error - Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host',
  ],
  [
    'REGISTRY_UNREACHABLE',
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  ],
  ['REGISTRY_UNREACHABLE', 'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'],
  [
    'DISK_FULL',
    'failed to register layer: Error processing tar file(exit status 1): write /usr/lib/x: no space left on device',
  ],
  ['WRONG_ARCHITECTURE', 'no matching manifest for linux/arm64/v8 in the manifest list entries'],
  ['WRONG_ARCHITECTURE', 'exec /bin/pomerium: exec format error'],
  [
    'MOUNT_MISSING',
    'Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /home/me/gw/.mcpgw/certs',
  ],
];

test.each(SAID)('%s is told from what is said: %s', (code, text) => {
  expect(explainDockerText(text)).toMatchObject({ code, fix: expect.stringMatching(/\S/) as unknown });
});

test('names the port, the image and the file that are at fault', () => {
  const busy = SAID.filter(([code]) => code === 'PORT_BUSY').map(([, text]) => explainDockerText(text));
  expect(busy.map((error) => error?.details)).toEqual(busy.map(() => ({ port: 8443 })));
  expect(explainDockerText('manifest for pomerium/pomerium:v9.9.9 not found')?.message).toContain(
    'pomerium/pomerium:v9.9.9',
  );
  expect(explainDockerText('bind source path does not exist: /home/me/gw/data')?.message).toContain('/home/me/gw/data');
});

test('what nobody knows is shown as it was said, with the command to run by hand', () => {
  expect(explainDockerText('network gw_default was found but has incorrect label')).toBeUndefined();
  const error = composeFailed(
    'up --detach',
    1,
    '\u001b[31mnetwork gw_default was found but has incorrect label\u001b[0m\n\n',
  );
  expect(error).toMatchObject({ code: 'COMPOSE_FAILED', why: 'network gw_default was found but has incorrect label' });
  expect(error.fix).toContain('docker compose up --detach');
});

test('a compose file that Compose refuses is told in its words', () => {
  const text =
    'validating /home/me/gw/docker-compose.yaml: services.pomerium Additional property imagee is not allowed';
  expect(composeInvalid(text)).toMatchObject({ code: 'COMPOSE_INVALID', why: text });
});

describe('Compose itself', () => {
  test.each([
    ['unknown command: docker compose', 'COMPOSE_MISSING'],
    ["docker: 'compose' is not a docker command.", 'COMPOSE_MISSING'],
  ])('missing: %s', (stderr, code) => {
    expect(() => assertCompose({ code: 1, stdout: '', stderr })).toThrow(expect.objectContaining({ code }) as Error);
  });

  test.each(['1.29.2', '2.6.0', 'v2.19.1'])('%s is too old', (stdout) => {
    expect(() => assertCompose({ code: 0, stdout, stderr: '' })).toThrow(
      expect.objectContaining({ code: 'COMPOSE_TOO_OLD' }) as Error,
    );
  });

  test.each(['2.26.1-4', 'v2.20.0', '5.0.0'])('%s will do', (stdout) => {
    expect(() => assertCompose({ code: 0, stdout, stderr: '' })).not.toThrow();
  });
});

const failure = (code: string): Error => Object.assign(new Error(code), { code });

describe('the engine’s socket', () => {
  const endpoint = { kind: 'socket', path: '/var/run/docker.sock' } as const;
  test.each([
    ['ENOENT', 'DOCKER_DOWN'],
    ['ECONNREFUSED', 'DOCKER_DOWN'],
    ['EACCES', 'DOCKER_FORBIDDEN'],
  ])('%s is %s', (system, code) => {
    const error = explainApiError(failure(system), endpoint);
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ code, message: expect.stringContaining('/var/run/docker.sock') as unknown });
  });

  test('any other failure stays what it is', () => {
    const error = failure('EPIPE');
    expect(explainApiError(error, endpoint)).toBe(error);
  });
});

test('a secret without a value is told as that, and not as a fault of the compose file', () => {
  const said =
    'error while interpolating services.pomerium.environment.IDP_CLIENT_SECRET: required variable IDP_CLIENT_SECRET is missing a value: it is in .env';
  expect(composeInvalid(said)).toMatchObject({
    code: 'SECRET_MISSING',
    message: 'IDP_CLIENT_SECRET has no value',
    fix: 'write it into .env: IDP_CLIENT_SECRET=…',
  });
});

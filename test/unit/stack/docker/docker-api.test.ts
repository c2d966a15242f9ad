import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectDocker, type DockerApi } from '../../../../src/stack/docker/docker-api.ts';
import type { Endpoint } from '../../../../src/stack/docker/endpoint.ts';
import { temporaryFolder } from '../../../helpers/program.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An engine that answers as a test says, over a socket or over TCP. */
async function engine(answer: Answer, kind: Endpoint['kind'] = 'socket'): Promise<DockerApi> {
  const server = createServer(answer);
  onTestFinished(() => void server.close());
  const path = join(await temporaryFolder('engine'), 'docker.sock');
  await new Promise<void>((resolve) => {
    if (kind === 'socket') server.listen(path, resolve);
    else server.listen(0, '127.0.0.1', resolve);
  });
  if (kind === 'socket') return connectDocker({ kind, path });
  return connectDocker({ kind, host: '127.0.0.1', port: (server.address() as AddressInfo).port });
}

const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

test.each(['socket', 'tcp'] as const)('an engine is reached over its %s', async (kind) => {
  const api = await engine(
    (_request, response) => json(response, { Version: '28.0.1', Arch: 'arm64', Os: 'linux' }),
    kind,
  );
  expect(await api.version()).toEqual({ version: '28.0.1', architecture: 'arm64', os: 'linux' });
});

test('one that is not there is told as such', async () => {
  const path = join(await temporaryFolder('no-engine'), 'docker.sock');
  await expect(connectDocker({ kind: 'socket', path }).version()).rejects.toMatchObject({
    code: 'DOCKER_DOWN',
    message: expect.stringContaining(path) as unknown,
  });
});

test('a container that goes away between two questions is none', async () => {
  const asked: string[] = [];
  const labels = { 'com.docker.compose.service': 'pomerium' };
  const api = await engine((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    if (request.url?.startsWith('/containers/json')) {
      return json(response, [
        { Id: 'a', Labels: labels },
        { Id: 'b', Labels: { ...labels, 'com.docker.compose.oneoff': 'True' } },
      ]);
    }
    return json(response, { message: 'No such container: a' }, 404);
  });
  expect(await api.containers({ folder: '/home/me/gw' })).toEqual([]);
  expect(asked[0]).toContain('com.docker.compose.project.working_dir=/home/me/gw');
  expect(asked.slice(1)).toEqual(['/containers/a/json']);
});

test('an image that is not here is none', async () => {
  const api = await engine((_request, response) => json(response, { message: 'no such image' }, 404));
  expect(await api.image('nosuch:1')).toBeUndefined();
});

test('a pull reports its lines, and what the registry says in the middle of it is thrown', async () => {
  const api = await engine((_request, response) => {
    response.write('{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}\r\n');
    response.end('{"errorDetail":{"message":"toomanyrequests: slow down"},"error":"toomanyrequests: slow down"}\r\n');
  });
  const lines: unknown[] = [];
  const pull = api.pull('a:1', (line) => lines.push(line), new AbortController().signal);
  await expect(pull).rejects.toThrow('toomanyrequests: slow down');
  expect(lines).toEqual([{ status: 'Downloading', id: 'a', progressDetail: { current: 1, total: 2 } }]);
});

test('a pull ends with its signal, though the registry is silent', async () => {
  const abort = new AbortController();
  const api = await engine((_request, response) => {
    response.write('{"status":"Pulling from library/a"}\n');
  });
  const pull = api.pull('a:1', () => abort.abort(new Error('SIGINT')), abort.signal);
  await expect(pull).rejects.toThrow();
});

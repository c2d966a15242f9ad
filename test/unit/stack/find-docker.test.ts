import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { findDocker } from '../../../src/stack/find-docker.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'mcpgw-docker-'));
  onTestFinished(async () => rm(home, { recursive: true, force: true }));
});

async function place(path: string, text = '#!/bin/sh\n', mode = 0o755): Promise<void> {
  const file = join(home, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
}

/** A machine with Docker's CLI and Compose, and an engine that answers as told. */
async function machine(answer?: RequestListener): Promise<Record<string, string>> {
  await place('bin/docker');
  await place('.docker/cli-plugins/docker-compose');
  const socket = join(home, 'docker.sock');
  if (answer) {
    const server = createServer(answer);
    await new Promise<void>((done) => void server.listen(socket, done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
  }
  return { HOME: home, PATH: join(home, 'bin'), DOCKER_HOST: `unix://${socket}` };
}

const pong: RequestListener = (request, response) => {
  response.writeHead(request.url === '/_ping' ? 200 : 404, { 'api-version': '1.47' }).end('OK');
};

const idOf = (context: string): string => createHash('sha256').update(context).digest('hex');
const metaOf = (address: string): string => JSON.stringify({ Endpoints: { docker: { Host: address } } });

describe('Docker is usable', () => {
  test('when CLI and Compose are there and the engine answers', async () => {
    const env = await machine(pong);
    expect(await findDocker(env)).toEqual({ usable: true, endpoint: env['DOCKER_HOST'] });
  });

  test('through the context in use, and DOCKER_CONTEXT beats it', async () => {
    const { DOCKER_HOST: host = '', ...env } = await machine(pong);
    await place(`.docker/contexts/meta/${idOf('colima')}/meta.json`, metaOf(host), 0o644);
    await place(`.docker/contexts/meta/${idOf('far')}/meta.json`, metaOf('ssh://build@far.example'), 0o644);
    await place('.docker/config.json', '{"currentContext":"colima"}', 0o644);
    expect(await findDocker(env)).toEqual({ usable: true, endpoint: host });
    expect(await findDocker({ ...env, DOCKER_CONTEXT: 'far' })).toEqual({
      usable: false,
      why: 'its engine is on another machine (ssh://build@far.example)',
    });
    expect(await findDocker({ ...env, DOCKER_CONTEXT: 'gone' })).toMatchObject({
      why: expect.stringContaining('cannot be read'),
    });
  });
});

describe('Docker is not usable, and the reason is told,', () => {
  test('when the CLI or Compose is missing', async () => {
    const env = await machine(pong);
    expect(await findDocker({ ...env, PATH: home })).toMatchObject({ why: expect.stringContaining('`docker`') });
    expect(await findDocker({ ...env, DOCKER_CONFIG: join(home, 'none'), PATH: '' })).toMatchObject({ usable: false });
  });

  test('when the engine is down, refuses, or is silent', async () => {
    expect(await findDocker(await machine())).toMatchObject({ why: 'its engine does not run' });
    expect(await findDocker(await machine((_request, response) => void response.writeHead(503).end()))).toMatchObject({
      why: 'its engine answered 503',
    });
  });

  test('when the engine hangs: it is given up soon', async () => {
    expect(await findDocker(await machine(() => undefined))).toEqual({
      usable: false,
      why: 'its engine does not answer',
    });
  });

  test('a broken configuration of Docker is no obstacle', async () => {
    const env = await machine(pong);
    await place('.docker/config.json', '{ nonsense', 0o644);
    expect(await findDocker(env)).toMatchObject({ usable: true });
  });
});

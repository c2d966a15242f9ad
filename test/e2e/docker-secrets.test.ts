import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { run as secrets } from '../../src/commands/secrets.ts';
import { parseEnvFile } from '../../src/project/index.ts';
import { runDocker, type CliResult } from '../../src/stack/docker/docker-cli.ts';
import { dockerReady, IMAGES } from '../docker/engine.ts';
import { testContext } from '../helpers/context.ts';
import { temporaryProject } from '../unit/project/helpers.ts';

const ready = await dockerReady();
const ENV = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

interface Scene {
  folder: string;
  docker: (...words: string[]) => Promise<CliResult>;
  rotate: () => Promise<unknown>;
  password: () => Promise<string>;
}

/** A project under a name of its own, whose database alone is started. */
async function createProject(name: string, skip: TestContext['skip']): Promise<Scene> {
  if (!ready.ok) skip(ready.reason);
  const title = `mcpgw-test-${name}-${process.pid}`;
  const folder = await temporaryProject({ answers: { engine: 'docker', title } });
  const env = join(folder, '.env');
  const image = `POSTGRES_IMAGE=${IMAGES.postgres}`;
  await writeFile(env, (await readFile(env, 'utf8')).replace(/^POSTGRES_IMAGE=.*$/m, image));
  const docker = async (...words: string[]): Promise<CliResult> => runDocker(words, { cwd: folder, env: ENV });
  onTestFinished(async () => {
    await docker('compose', 'down', '--volumes', '--timeout', '2');
  });
  return {
    folder,
    docker,
    rotate: async () =>
      secrets(testContext({ cwd: folder, env: ENV }), { action: 'rotate', names: ['POSTGRES_PASSWORD'], yes: true }),
    password: async () => parseEnvFile(await readFile(env, 'utf8'))['POSTGRES_PASSWORD'] ?? '',
  };
}

/** Over TCP, where the password counts. */
async function letsIn({ docker }: Scene, password: string): Promise<boolean> {
  const psql = [
    'psql',
    '--host',
    '127.0.0.1',
    '--username',
    'pomerium',
    '--dbname',
    'pomerium',
    '--command',
    'select 1',
  ];
  const { code } = await docker('compose', 'exec', '-T', '--env', `PGPASSWORD=${password}`, 'postgres', ...psql);
  return code === 0;
}

describe('the database’s password, in containers', () => {
  test('is changed in the running database and in .env together', async ({ skip }) => {
    const scene = await createProject('rotate', skip);
    expect((await scene.docker('compose', 'up', '--detach', '--wait', 'postgres')).code).toBe(0);
    const old = await scene.password();
    expect(await letsIn(scene, old)).toBe(true);
    expect(await scene.rotate()).toMatchObject({ kind: 'rotated' });
    const fresh = await scene.password();
    expect(fresh).not.toBe(old);
    expect(await letsIn(scene, fresh)).toBe(true);
    expect(await letsIn(scene, old)).toBe(false);
    const { stdout, stderr } = await scene.docker('compose', 'logs', 'postgres');
    expect(stdout + stderr).not.toContain(fresh);
  });

  test('is left alone while the database is stopped, with the command that helps; free before its first start', async ({
    skip,
  }) => {
    const scene = await createProject('stopped', skip);
    const first = await scene.password();
    expect(await scene.rotate()).toMatchObject({ kind: 'rotated' });
    expect(await scene.password()).not.toBe(first);
    expect((await scene.docker('compose', 'up', '--detach', '--wait', 'postgres')).code).toBe(0);
    await scene.docker('compose', 'stop', 'postgres');
    const kept = await scene.password();
    await expect(scene.rotate()).rejects.toMatchObject({
      code: 'DATABASE_STOPPED',
      fix: expect.stringContaining('docker compose up --detach --wait postgres'),
    });
    expect(await scene.password()).toBe(kept);
  });
});

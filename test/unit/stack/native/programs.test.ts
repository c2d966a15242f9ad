import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { projectPaths } from '../../../../src/project/index.ts';
import { ensureCluster } from '../../../../src/stack/native/postgres-cluster.ts';
import { doubtAbout, requirePomerium } from '../../../../src/stack/native/programs.ts';
import { pomeriumEnvironment } from '../../../../src/stack/native/pomerium-environment.ts';
import { chooseStore } from '../../../../src/stack/native/store.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-programs-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
});

async function place(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}

describe('Pomerium on the PATH', () => {
  test.each([
    ['pomerium: v0.33.1+2f2a1b0', 'v0.33.1', false],
    ['v0.32.4', 'v0.32.4', true],
    ['pomerium 1.0.0', 'v1.0.0', false],
  ])('that says %j', async (says, version, isOld) => {
    await place('pomerium', `echo "${says}"`);
    const program = await requirePomerium({ PATH: `/nowhere:${folder}` });
    expect(program).toEqual({ file: join(folder, 'pomerium'), version });
    expect(doubtAbout(program) !== undefined).toBe(isOld);
  });

  test('that tells no version is taken as it is; a missing one is told', async () => {
    await place('pomerium', 'exit 1');
    const program = await requirePomerium({ PATH: folder });
    expect(program.version).toBeUndefined();
    expect(doubtAbout(program)).toBeUndefined();
    await expect(requirePomerium({ PATH: '/nowhere' })).rejects.toMatchObject({ code: 'POMERIUM_NOT_FOUND' });
  });
});

describe('Pomerium’s environment', () => {
  test('holds secrets, certificate and store, and nothing of the shell that could be a setting', async () => {
    const project = { paths: projectPaths('/p'), secrets: { SHARED_SECRET: 's', GITHUB_SECRET: 'g' } };
    const shell = {
      PATH: '/bin',
      HOME: '/home/me',
      ADDRESS: ':1',
      HEADERS: 'x',
      POMERIUM_ZERO_TOKEN: 't',
      ROUTES: 'r',
    };
    const environment = await pomeriumEnvironment(
      project,
      { address: ':8443' },
      { DATABROKER_STORAGE_TYPE: 'postgres' },
      shell,
    );
    expect(environment).toMatchObject({
      PATH: '/bin',
      HOME: '/home/me',
      SHARED_SECRET: 's',
      ADDRESS: '127.0.0.1:8443',
      CERTIFICATE_FILE: '/p/.mcpgw/certs/gateway.crt',
      DATABROKER_STORAGE_TYPE: 'postgres',
    });
    for (const name of ['HEADERS', 'POMERIUM_ZERO_TOKEN', 'ROUTES', 'GITHUB_SECRET'])
      expect(environment).not.toHaveProperty(name);
    expect(environment['GRPC_ADDRESS']).not.toBe(environment['HEALTH_CHECK_ADDR']);
  });

  test('leaves an address with a host to the file', async () => {
    const project = { paths: projectPaths('/p'), secrets: {} };
    expect(await pomeriumEnvironment(project, { address: '0.0.0.0:443' }, {}, {})).not.toHaveProperty('ADDRESS');
  });
});

describe('where Pomerium keeps its state', () => {
  test('is what .env says', async () => {
    const secrets = { DATABROKER_STORAGE_CONNECTION_STRING: 'postgresql://me@db/pomerium' };
    expect(await chooseStore({ paths: projectPaths(folder), secrets }, {})).toEqual({
      kind: 'given',
      environment: { DATABROKER_STORAGE_TYPE: 'postgres', ...secrets },
    });
  });

  test('stays: a project that began with PostgreSQL does not go on without', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root, for whom PostgreSQL does not run, is without it for sure');
    const data = join(folder, '.mcpgw/postgres/data');
    await mkdir(data, { recursive: true });
    const paths = projectPaths(folder);
    expect(await chooseStore({ paths, secrets: {} }, {})).toMatchObject({
      kind: 'file',
      why: expect.stringContaining('root'),
    });
    await writeFile(join(data, 'PG_VERSION'), '17\n');
    await expect(chooseStore({ paths, secrets: {} }, {})).rejects.toMatchObject({ code: 'POSTGRES_NOT_FOUND' });
  });
});

describe('a database that cannot be set up', () => {
  const options = { password: 'geheim', env: { PATH: '/usr/bin:/bin' } };

  test('is told with what its programs said, without the password', async () => {
    await place('initdb', 'echo "initdb: error: no space" >&2; exit 1');
    const programs = { folder, major: 17 };
    await expect(ensureCluster({ ...options, folder: join(folder, 'pg'), programs })).rejects.toMatchObject({
      code: 'POSTGRES_SETUP',
      why: expect.stringContaining('no space'),
    });
    await place('initdb', 'mkdir "$2"');
    await place('postgres', 'echo "ERROR:  PASSWORD geheim" >&2; echo "FATAL:  out of order" >&2');
    const failure = await ensureCluster({ ...options, folder: join(folder, 'pg'), programs }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'POSTGRES_SETUP', why: 'FATAL:  out of order' });
  });

  test('of another major release is told', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data/PG_VERSION'), '16\n');
    await expect(ensureCluster({ ...options, folder, programs: { folder, major: 17 } })).rejects.toMatchObject({
      code: 'POSTGRES_RELEASE',
    });
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ensureAuthority, ensureServerCertificate } from '../../src/tls/index.ts';
import { dockerReady, IMAGES } from '../docker/engine.ts';
import { ask, run } from '../docker/rig/run.ts';
import { freePorts, temporaryFolder } from '../helpers/program.ts';

/** The images that stand for Pomerium's and Postgres's have to behave as those do; every other test with Docker leans on it. */

const PATIENCE = { timeout: 15_000, interval: 100 };

let reason: string | undefined;

beforeAll(async () => {
  const ready = await dockerReady();
  if (!ready.ok) ({ reason } = ready);
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});

async function container(image: string, flags: readonly string[], command: readonly string[] = []): Promise<string> {
  const id = (await run('docker', ['run', '--detach', ...flags, image, ...command])).trim();
  onTestFinished(async () => void (await run('docker', ['rm', '--force', '--volumes', id])));
  return id;
}

async function stateOf(id: string): Promise<string> {
  return (await run('docker', ['inspect', '--format', '{{.State.Status}}', id])).trim();
}

async function network(): Promise<string> {
  const name = `mcpgw-images-${process.pid}-${performance.now().toFixed(0)}`;
  await run('docker', ['network', 'create', name]);
  onTestFinished(async () => void (await run('docker', ['network', 'rm', name])));
  return name;
}

const HARDENED = [
  '--read-only',
  '--tmpfs',
  '/tmp:exec,mode=1777',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges:true',
];

interface Gateway {
  id: string;
  folder: string;
  port: number;
  health: () => Promise<boolean>;
  status: (path: string) => Promise<number>;
}

async function startGateway(on: string, more: readonly string[] = []): Promise<Gateway> {
  const folder = await temporaryFolder('images');
  const [port = 0] = await freePorts(1);
  const authority = await ensureAuthority(folder, { now: Date.now() });
  const names = ['whoami.localhost'];
  const certificate = await ensureServerCertificate({ authority, dir: folder, names, now: Date.now() });
  await writeFile(join(folder, 'tls.crt'), certificate.certPem);
  // Readable for the user in the container, who is nobody here.
  await writeFile(join(folder, 'tls.key'), certificate.keyPem, { mode: 0o644 });
  await run('chmod', ['755', folder]);
  await writeFile(join(folder, 'config.yaml'), configuration(port));
  const secret = Buffer.alloc(32, 5).toString('base64');
  const environment = {
    SHARED_SECRET: secret,
    COOKIE_SECRET: secret,
    IDP_CLIENT_SECRET: 'x',
    CERTIFICATE_FILE: '/pomerium/certs/tls.crt',
    CERTIFICATE_KEY_FILE: '/pomerium/certs/tls.key',
  };
  const id = await container(IMAGES.pomerium, [
    ...HARDENED,
    `--network=${on}`,
    '--user=65532',
    `--publish=127.0.0.1:${port}:${port}`,
    `--volume=${folder}/config.yaml:/pomerium/config.yaml:ro`,
    `--volume=${folder}:/pomerium/certs:ro`,
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...more,
  ]);
  return {
    id,
    folder,
    port,
    async health() {
      if ((await stateOf(id)) === 'exited') throw new Error(await run('docker', ['logs', id]));
      return (await ask('docker', ['exec', id, '/bin/pomerium', 'health'])) !== undefined;
    },
    status: async (path) => statusOf(port, authority.certPem, path),
  };
}

function configuration(port: number): string {
  return `address: ":${port}"
authenticate_service_url: https://authenticate.localhost:${port}
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
cookie_secret: this is no secret at all, so the environment has to win
runtime_flags: {mcp: true, mcp_dynamic_client_registration: true}
routes:
  - from: https://whoami.localhost:${port}
    to: http://nowhere:8080
    allow_public_unauthenticated_access: true
    response: {status: 218, body: first}
`;
}

function statusOf(port: number, ca: string, path: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const host = 'whoami.localhost';
  const options = { host: '127.0.0.1', port, path, ca, servername: host, headers: { host: `${host}:${port}` } };
  request(options, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  })
    .on('error', () => resolve(0))
    .end();
  return promise;
}

test('the gateway’s image: environment over file, health, reload in place, JSON lines alone, exit 0 on TERM', async () => {
  const gateway = await startGateway(await network());
  await expect.poll(gateway.health, PATIENCE).toBe(true);
  expect(await gateway.status('/')).toBe(218);
  const file = join(gateway.folder, 'config.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('218', '219'));
  await expect.poll(async () => gateway.status('/'), PATIENCE).toBe(219);
  await writeFile(file, 'routes: [{from: nonsense}]');
  const logs = async (): Promise<string> => run('docker', ['logs', gateway.id]);
  await expect.poll(logs, PATIENCE).toContain('config: error updating config');
  expect(await gateway.status('/')).toBe(219);

  await run('docker', ['stop', gateway.id]);
  expect((await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', gateway.id])).trim()).toBe('0');
  const lines = (await logs()).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { message: string }).message).at(-1)).toBe('cmd/pomerium: exiting');
});

test('the gateway’s image refuses a configuration in Pomerium’s words and exits with 1', async () => {
  const id = await container(IMAGES.pomerium, [], ['--config', '/etc/hostname']);
  await expect.poll(async () => stateOf(id), PATIENCE).toBe('exited');
  expect((await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', id])).trim()).toBe('1');
});

test('with Postgres: unhealthy while it is away, healthy by itself when it comes, tables in a schema of their own', async () => {
  const on = await network();
  const storage = 'postgresql://pomerium:secret@postgres:5432/pomerium?sslmode=disable';
  const gateway = await startGateway(on, [
    '--env=DATABROKER_STORAGE_TYPE=postgres',
    `--env=DATABROKER_STORAGE_CONNECTION_STRING=${storage}`,
  ]);
  await expect.poll(async () => gateway.status('/ping'), PATIENCE).toBe(200);
  expect(await gateway.health()).toBe(false);
  const user = ['--env', 'POSTGRES_USER=pomerium', '--env', 'POSTGRES_PASSWORD=secret'];
  const postgres = await container(IMAGES.postgres, ['--network', on, '--network-alias', 'postgres', ...user]);
  await expect.poll(gateway.health, PATIENCE).toBe(true);
  const select = "SELECT string_agg(table_name, ' ') FROM information_schema.tables WHERE table_schema = 'mcpgw'";
  const tables = await run('docker', ['exec', postgres, 'psql', '-U', 'pomerium', '-tAc', select]);
  expect(tables.trim().split(' ')).toEqual(expect.arrayContaining(['sessions', 'clients', 'upstream_tokens']));
  await run('docker', ['stop', postgres]);
  await expect.poll(gateway.health, PATIENCE).toBe(false);
  await run('docker', ['start', postgres]);
  await expect.poll(gateway.health, PATIENCE).toBe(true);
});

test('Postgres’s image: wants a password, makes user and database, keeps its volume, refuses a wrong password', async () => {
  const bare = await container(IMAGES.postgres, []);
  await expect.poll(async () => stateOf(bare), PATIENCE).toBe('exited');
  expect((await run('docker', ['inspect', '--format', '{{.State.ExitCode}}', bare])).trim()).toBe('1');

  const id = await container(IMAGES.postgres, [
    '--env',
    'POSTGRES_USER=u',
    '--env',
    'POSTGRES_PASSWORD=p',
    '--env',
    'POSTGRES_DB=d',
  ]);
  const probe = ['exec', id, 'pg_isready', '-h', '127.0.0.1', '-U', 'u', '-d', 'd'];
  const psql = async (password: string, statement: string): Promise<string | undefined> =>
    ask('docker', ['exec', id, 'psql', `postgresql://u:${password}@127.0.0.1/d`, '-tAc', statement]);
  await expect.poll(async () => ask('docker', probe), PATIENCE).toBeDefined();
  expect(await psql('p', "SELECT current_setting('server_version_num')::int / 10000")).toBe('17');
  expect(await psql('p', 'CREATE TABLE kept (x int)')).toBe('CREATE TABLE');
  expect(await psql('wrong', 'SELECT 1')).toBeUndefined();
  await run('docker', ['restart', id]);
  await expect.poll(async () => psql('p', 'SELECT count(*) FROM kept'), PATIENCE).toBe('0');
});

import { spawn } from 'node:child_process';
import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest';
import { identify } from '../../src/stack/process-identity.ts';
import { findPostgres } from '../../src/stack/native/programs.ts';
import { placePomerium } from '../helpers/pomerium-stand-in.ts';
import { freePorts, PROGRAM, temporaryFolder, type Ran } from '../helpers/program.ts';

/** PostgreSQL does not run as root, so where the tests do, the program runs as somebody without rights. */
const NOBODY = 65_534;
const AS = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

const postgres = await findPostgres({ PATH: process.env['PATH'] });
const missing = postgres ? undefined : 'there is no PostgreSQL on this machine';

interface Scene {
  folder: string;
  mcpgw: (...args: string[]) => Promise<Ran>;
}

async function createProject(name: string, skip: TestContext['skip']): Promise<Scene> {
  if (missing !== undefined) skip(missing);
  const parent = await temporaryFolder(name);
  const bin = await placePomerium(join(parent, 'bin'), PROGRAM);
  await chmod(parent, 0o755);
  if (AS.uid !== undefined) await chown(parent, AS.uid, AS.gid);
  const folder = join(parent, 'gw');
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: parent, MCPGW_STATE_DIR: join(parent, 'state') };
  const [port = 0, idpPort = 0] = await freePorts(2);
  const flags = ['--yes', '--engine', 'native', '--servers', 'whoami'];
  const created = await run(parent, env, ['create', 'gw', ...flags, '--port', `${port}`, '--idp-port', `${idpPort}`]);
  expect(created).toMatchObject({ code: 0 });
  const mcpgw = async (...args: string[]): Promise<Ran> => run(folder, env, args);
  onTestFinished(async () => {
    await mcpgw('down');
  });
  return { folder, mcpgw };
}

function run(cwd: string, env: Record<string, string>, args: readonly string[]): Promise<Ran> {
  const { promise, resolve, reject } = Promise.withResolvers<Ran>();
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env, ...AS });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  child.once('error', reject);
  child.once('close', (code) => resolve({ code: code ?? -1, ...said }));
  return promise;
}

interface Service {
  name: string;
  health: string;
  pid: number;
  restarts: number;
  address: string;
}

/** Whether the database lets the gateway's role in with a password. */
async function answers(scene: Scene, password: string): Promise<boolean> {
  const { address } = await serviceOf(scene, 'postgres');
  const client = new Client({ connectionString: `postgresql://pomerium:${password}@${address}/pomerium` });
  try {
    await client.connect();
    return (await client.query('select 1')).rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function serviceOf({ mcpgw }: Scene, name: string): Promise<Service> {
  const { services } = JSON.parse((await mcpgw('status', '--json')).stdout) as { services: Service[] };
  const found = services.find((service) => service.name === name);
  if (!found) throw new Error(`${name} is not in the status`);
  return found;
}

describe('PostgreSQL of a project of the native engine', () => {
  test('is set up, private, and keeps its data over down and up', async ({ skip }) => {
    const scene = await createProject('native-pg', skip);
    const up = await scene.mcpgw('up');
    expect(up.stderr).toContain(`PostgreSQL ${postgres?.major}`);
    expect(up.code).toBe(0);
    const data = join(scene.folder, '.mcpgw/postgres/data');
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    const made = (await stat(join(data, 'PG_VERSION'))).mtimeMs;
    const { pid, health } = await serviceOf(scene, 'postgres');
    expect(health).toBe('healthy');
    expect((await scene.mcpgw('call', 'whoami', 'whoami', '--as', 'member')).stdout).toContain('member@example.com');

    expect((await scene.mcpgw('down')).stdout).toContain('postgres');
    expect(await identify(pid)).toBeUndefined();
    expect((await scene.mcpgw('up')).code).toBe(0);
    expect((await stat(join(data, 'PG_VERSION'))).mtimeMs).toBe(made);
    // The session is in the database, so the token from before is good.
    const token = await scene.mcpgw('token', 'whoami', '--as', 'member', '--json');
    expect(JSON.parse(token.stdout)).toMatchObject({ from: 'cache' });
    expect((await scene.mcpgw('call', 'whoami', 'whoami', '--as', 'member')).stdout).toContain('member@example.com');
  });

  test('takes over a new password from .env', async ({ skip }) => {
    const scene = await createProject('native-pg-password', skip);
    expect((await scene.mcpgw('up')).code).toBe(0);
    const env = join(scene.folder, '.env');
    const old = /^POSTGRES_PASSWORD=(.*)$/m.exec(await readFile(env, 'utf8'))?.[1] ?? '';
    expect(await answers(scene, old)).toBe(true);
    await writeFile(env, (await readFile(env, 'utf8')).replace(/^POSTGRES_PASSWORD=.*/m, 'POSTGRES_PASSWORD=0123abcd'));
    const changed = await scene.mcpgw('up');
    expect(changed).toMatchObject({ code: 0, stdout: expect.stringContaining('restart gateway') });
    expect((await serviceOf(scene, 'postgres')).health).toBe('healthy');
    expect(await answers(scene, '0123abcd')).toBe(true);
    expect(await answers(scene, old)).toBe(false);
    const logs = await scene.mcpgw('logs', 'postgres');
    expect(logs.stdout).not.toContain('0123abcd');
  });

  test('restarts alone, comes back after a crash, and is deleted by down --volumes', async ({ skip }) => {
    const scene = await createProject('native-pg-life', skip);
    expect((await scene.mcpgw('up')).code).toBe(0);
    const before = await serviceOf(scene, 'postgres');
    expect((await scene.mcpgw('restart', 'postgres')).code).toBe(0);
    const after = await serviceOf(scene, 'postgres');
    expect(after.pid).not.toBe(before.pid);
    process.kill(after.pid, 'SIGKILL');
    for (;;) {
      const now = await serviceOf(scene, 'postgres');
      if (now.restarts > 0 && now.health === 'healthy') break;
    }
    expect((await scene.mcpgw('down', '--volumes', '--yes')).code).toBe(0);
    expect(await stat(join(scene.folder, '.mcpgw/postgres')).catch(() => undefined)).toBeUndefined();
  });
});

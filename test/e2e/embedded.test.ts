import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, appendFile, chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFetch } from '../../src/net/fetch.ts';
import { addressesTaken } from '../../src/net/ports.ts';
import { identify } from '../../src/stack/process-identity.ts';
import { freePorts, mcpgw, PROGRAM, temporaryFolder, type Ran } from '../helpers/program.ts';

interface Scene {
  folder: string;
  port: number;
  idpPort: number;
  run(...args: string[]): Promise<Ran>;
  /** Runs with --json; the exit code is asserted. */
  json(exit: number, ...args: string[]): Promise<Record<string, unknown>>;
  edit(file: string, change: (text: string) => string): Promise<void>;
}

/** A project on ports of its own. Its engine is killed when the test ends, whatever became of it. */
async function createProject(name: string, below = ''): Promise<Scene> {
  const parent = join(await temporaryFolder(name), below);
  await mkdir(parent, { recursive: true });
  const [port = 0, idpPort = 0] = await freePorts(2);
  const folder = join(parent, 'gw');
  const flags = [
    '--yes',
    '--engine',
    'embedded',
    '--servers',
    'whoami',
    '--port',
    String(port),
    '--idp-port',
    String(idpPort),
  ];
  const created = await mcpgw(['create', 'gw', ...flags], { cwd: parent });
  expect(created).toMatchObject({ code: 0 });
  const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: folder });
  onTestFinished(async () => {
    await run('down');
  });
  return {
    folder,
    port,
    idpPort,
    run,
    json: async (exit, ...args) => {
      const ran = await run(...args, '--json');
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: exit });
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    },
    edit: async (file, change) => {
      const path = join(folder, file);
      const text = await readFile(path, 'utf8');
      const changed = change(text);
      expect(changed).not.toBe(text);
      await writeFile(path, changed);
    },
  };
}

async function engineOf({ folder }: Scene): Promise<{ pid: number; socket: string; children: { pid: number }[] }> {
  return JSON.parse(await readFile(join(folder, '.mcpgw/engine.json'), 'utf8')) as never;
}

const exists = async (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** What an MCP client's first call gets: 401 while the gateway is well. */
async function challengeOf({ folder, port }: Scene, route = 'whoami'): Promise<number> {
  const fetch = createFetch({ ca: [await readFile(join(folder, '.mcpgw/certs/ca.pem'), 'utf8')] });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const response = await fetch(`https://${route}.localhost:${port}/`, { method: 'POST', headers, body });
  await response.body?.cancel();
  return response.status;
}

/** Adds a server of the user's own to the compose file; `script` is its program. */
async function addServer(scene: Scene, script: string, port?: number): Promise<void> {
  await mkdir(join(scene.folder, 'mine'), { recursive: true });
  await writeFile(join(scene.folder, 'mine/server.js'), script);
  const portLine = port === undefined ? '' : `\n      port: ${port}`;
  const service = `  mine:\n    image: node:24\n    x-mcpgw:\n      run: node server.js\n      folder: mine${portLine}\n`;
  await scene.edit('docker-compose.yaml', (text) => text.replace(/^services:\n/m, `services:\n${service}`));
}

async function giveTo(uid: number, folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true })) await chown(join(folder, entry), uid, uid);
  await chown(folder, uid, uid);
}

const LISTENS = `require('node:http').createServer((_, response) => response.end('hello')).listen(Number(process.env.PORT), '127.0.0.1')`;
const SLOW = `const server = require('node:http').createServer((_, response) => {
  console.log('asked');
  setTimeout(() => response.end('at last'), 1500);
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => { server.close(); server.closeIdleConnections(); setTimeout(() => process.exit(), 2500).unref(); });`;
const CRASHES = `console.error('no database at db.example.com'); process.exit(7)`;
const NEVER_LISTENS = `setInterval(() => {}, 1000)`;

describe('the embedded engine', () => {
  test('up, up again, an edited policy, down: and nothing is left', async () => {
    const scene = await createProject('golden');
    const first = await scene.run('up');
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`https://whoami.localhost:${scene.port}`) as unknown,
    });
    expect(first.stderr).toMatch(/✓ configuration .*\n✓ certificate .*\n✓ gateway .*\n✓ idp .*\n✓ mcp-servers +whoami/);
    expect(await challengeOf(scene)).toBe(401);

    const status = await scene.json(0, 'status');
    expect(status).toMatchObject({
      ok: true,
      engine: 'embedded',
      state: 'running',
      pending: [],
      routes: [{ name: 'whoami', url: `https://whoami.localhost:${scene.port}`, who: 'anyone signed in', tools: 1 }],
      users: [],
    });
    expect(status['services']).toMatchObject(
      ['gateway', 'idp', 'mcp-servers'].map((name) => ({ name, state: 'running', health: 'healthy' })),
    );

    const { pid, socket } = await engineOf(scene);
    expect(await scene.json(0, 'up')).toMatchObject({ kind: 'unchanged', steps: [], status: { pid } });

    await scene.edit('pomerium-config.yaml', (text) =>
      text.replace('authenticated_user: true', 'email: {is: a@example.com}'),
    );
    // The engine takes a changed configuration over by itself.
    await expect
      .poll(async () => scene.json(0, 'status'), { timeout: 10_000 })
      .toMatchObject({ pid, pending: [], routes: [{ who: 'a@example.com' }] });
    expect(await scene.json(0, 'up')).toMatchObject({ kind: 'unchanged', steps: [], status: { pid } });

    expect(await scene.json(0, 'down')).toMatchObject({ stopped: ['gateway', 'idp', 'mcp-servers'], cleaned: false });
    expect(await identify(pid)).toBeUndefined();
    expect(await exists(socket)).toBe(false);
    expect(await exists(join(scene.folder, '.mcpgw/engine.json'))).toBe(false);
    expect(await addressesTaken(scene.port)).toEqual([]);
    expect(await addressesTaken(scene.idpPort)).toEqual([]);
    expect(await scene.json(0, 'down')).toMatchObject({ stopped: [] });
    expect(await scene.json(3, 'status')).toMatchObject({ ok: false, state: 'stopped' });
  });

  test('a new route gets its certificate and a new server its process, without a restart of the rest', async () => {
    const scene = await createProject('grow');
    await scene.json(0, 'up');
    const { pid } = await engineOf(scene);
    await addServer(scene, LISTENS);
    await scene.edit('pomerium-config.yaml', (text) => {
      const route = text.slice(text.indexOf('  - name: whoami'));
      return text + route.replaceAll('whoami', 'mine').replace('http://mcp-servers:8080/mine', 'http://mine:9999/mcp');
    });
    const up = await scene.json(0, 'up');
    expect(up).toMatchObject({ kind: 'changed', status: { pid, state: 'running' } });
    // The gateway's part may have been done before, as soon as the file was there.
    expect(up['steps']).toContain('start mine');
    expect(await challengeOf(scene, 'mine')).toBe(401);
    const [child] = (await engineOf(scene)).children;
    expect(await identify(child?.pid ?? 0)).toBeDefined();
    await scene.json(0, 'down');
    expect(await identify(child?.pid ?? 0)).toBeUndefined();
  });

  test('down lets a call in flight finish', async () => {
    const scene = await createProject('graceful');
    await addServer(scene, SLOW);
    await scene.edit('pomerium-config.yaml', (text) => {
      const from = `https://mine.localhost:${scene.port}`;
      return `${text}\n  - from: ${from}\n    to: http://mine\n    allow_public_unauthenticated_access: true\n`;
    });
    await scene.json(0, 'up');
    const fetch = createFetch({ ca: [await readFile(join(scene.folder, '.mcpgw/certs/ca.pem'), 'utf8')] });
    const call = fetch(`https://mine.localhost:${scene.port}/`).then(async (response) => response.text());
    await expect.poll(async () => (await scene.run('logs', 'mine')).stdout).toContain('asked');
    const stopping = scene.json(0, 'down');
    expect(await call).toBe('at last');
    await stopping;
  });

  test('after kill -9 the next up sees that nothing runs, ends what was left and starts anew', async () => {
    const scene = await createProject('killed');
    await addServer(scene, LISTENS);
    await scene.json(0, 'up');
    const { pid, children } = await engineOf(scene);
    const orphan = children[0]?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => identify(pid)).toBeUndefined();
    expect(await scene.json(3, 'status')).toMatchObject({ state: 'stopped' });
    expect(await identify(orphan)).toBeDefined();
    const again = await scene.json(0, 'up');
    expect(again).toMatchObject({ kind: 'started', status: { state: 'running' } });
    expect(await identify(orphan)).toBeUndefined();
    expect((await engineOf(scene)).pid).not.toBe(pid);

    process.kill((await engineOf(scene)).pid, 'SIGKILL');
    expect(await scene.json(0, 'down')).toMatchObject({ stopped: ['mine'], cleaned: true });
    expect(await addressesTaken(scene.port)).toEqual([]);
  });

  test('two projects run side by side', async () => {
    const one = await createProject('one');
    // So deep that the control socket's path would be too long there.
    const two = await createProject('two', 'x'.repeat(120));
    await Promise.all([one.json(0, 'up'), two.json(0, 'up')]);
    expect([await challengeOf(one), await challengeOf(two)]).toEqual([401, 401]);
    await one.json(0, 'down');
    expect(await challengeOf(two)).toBe(401);
  });

  test('two ups at once: one starts, the other waits and reports', async () => {
    const scene = await createProject('race');
    const both = await Promise.all([scene.json(0, 'up'), scene.json(0, 'up')]);
    expect(both.map((result) => String(result['kind'])).toSorted()).toEqual(['started', 'unchanged']);
    const pids = both.map((result) => (result['status'] as { pid: number }).pid);
    expect(new Set(pids).size).toBe(1);
  });

  test('a server that crashes again and again takes nothing else down', async () => {
    const scene = await createProject('crash');
    await addServer(scene, CRASHES);
    const up = await scene.run('up');
    expect(up).toMatchObject({ code: 3 });
    expect(up.stdout).toContain('mine: exited with code 7');
    expect(up.stdout).toContain('no database at db.example.com');
    expect(await challengeOf(scene)).toBe(401);
    expect(await scene.json(3, 'status')).toMatchObject({ state: 'unhealthy' });

    await writeFile(join(scene.folder, 'mine/server.js'), LISTENS);
    expect(await scene.json(0, 'restart', 'mine')).toMatchObject({ restarted: ['mine'], status: { state: 'running' } });
    expect(await scene.json(1, 'restart', 'nobody')).toMatchObject({ error: { code: 'NO_SUCH_SERVICE' } });
  });

  test('a port that is held is refused, its holder named, and nothing is started', async () => {
    const scene = await createProject('busy');
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(scene.port, '127.0.0.1', resolve));
    onTestFinished(() => void holder.close());
    expect(await scene.json(1, 'up')).toMatchObject({
      error: { code: 'PORT_BUSY', message: expect.stringContaining(`port ${scene.port}`) as unknown },
    });
    expect(await exists(join(scene.folder, '.mcpgw/engine.json'))).toBe(false);

    const [port = 0] = await freePorts(1);
    expect(await scene.json(0, 'up', '--port', String(port), '--save')).toMatchObject({
      kind: 'started',
      status: { gateway: { url: `https://localhost:${port}` } },
    });
    expect(await challengeOf({ ...scene, port })).toBe(401);
    expect((await scene.run('up', '--port', '9')).code).toBe(2);
  });

  test('Ctrl+C ends the waiting and says that the rest goes on', async () => {
    const scene = await createProject('interrupt');
    await addServer(scene, NEVER_LISTENS);
    const child = spawn(process.execPath, [PROGRAM, 'up'], { cwd: scene.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      // Once: a second Ctrl+C ends the program the hard way.
      if (text.includes('✓ gateway') && !child.killed) child.kill('SIGINT');
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code, text).toBe(130);
    expect(text).toContain('what was started goes on');
    expect(await challengeOf(scene)).toBe(401);

    expect(await scene.json(3, 'up', '--timeout', '1')).toMatchObject({
      error: {
        code: 'NOT_READY',
        message: expect.stringMatching(/^not ready after 1 s: mine \(does not listen on port/) as unknown,
      },
    });
  });

  test('files with a fault are refused with their place, and what runs goes on', async () => {
    const scene = await createProject('faulty');
    await scene.json(0, 'up');
    const { pid } = await engineOf(scene);
    const config = join(scene.folder, 'pomerium-config.yaml');
    const good = await readFile(config, 'utf8');
    await writeFile(config, good.replace('from: https', 'form: https'));
    const unknown = await scene.run('up');
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toMatch(/pomerium-config\.yaml:\d+:\d+: .*form/);
    expect(unknown.stderr).toMatch(/> *\d+ \| +form: https/);

    await writeFile(config, `${good}\n  - [unclosed`);
    expect((await scene.run('up')).stderr).toMatch(/pomerium-config\.yaml:\d+:\d+: /);
    await appendFile(join(scene.folder, 'docker-compose.yaml'), '\n  - [unclosed');
    expect((await scene.run('up')).code).toBe(1);
    expect(await scene.json(0, 'status')).toMatchObject({
      pid,
      state: 'running',
      pending: [expect.stringMatching(/^nothing: /)],
    });
    expect(await challengeOf(scene)).toBe(401);
    expect(await scene.json(0, 'down')).toMatchObject({ stopped: ['gateway', 'idp', 'mcp-servers'] });
  });

  test('a read-only folder is told as such', async () => {
    const scene = await createProject('read-only');
    await chmod(scene.folder, 0o555);
    onTestFinished(async () => chmod(scene.folder, 0o755));
    // No mode stops root, so root becomes nobody for this.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
    if (nobody) await giveTo(nobody.uid, join(scene.folder, '..'));
    const child = spawn(process.execPath, [PROGRAM, 'up', '--json'], { cwd: scene.folder, stdio: 'pipe', ...nobody });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'NO_PERMISSION', fix: expect.stringContaining(scene.folder) as unknown },
    });
  });

  test('an engine that hangs is ended all the same, with its servers', async () => {
    const scene = await createProject('hung');
    await addServer(scene, LISTENS);
    await scene.json(0, 'up');
    const { pid, children } = await engineOf(scene);
    process.kill(pid, 'SIGSTOP');
    await scene.json(0, 'down');
    expect(await identify(pid)).toBeUndefined();
    expect(await identify(children[0]?.pid ?? 0)).toBeUndefined();
    expect(await addressesTaken(scene.port)).toEqual([]);
  });

  test('logs are merged, filtered, and followed across a restart until Ctrl+C', async () => {
    const scene = await createProject('logs');
    expect((await scene.run('logs', 'gateway')).code).toBe(1);
    await scene.json(0, 'up');
    const following = spawn(process.execPath, [PROGRAM, 'logs', '-f', '--tail', '0'], {
      cwd: scene.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void following.kill('SIGKILL'));
    let text = '';
    following.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    await scene.json(0, 'restart');
    await challengeOf(scene);
    await expect
      .poll(() => text, { timeout: 10_000 })
      .toMatch(/engine +stopped[^]*engine +mcpgw .* runs this project[^]*refused: not signed in {2}401/);
    following.kill('SIGINT');
    const [code] = (await once(following, 'close')) as [number];
    expect(code).toBe(0);

    const lines = (await scene.run('logs', 'gateway', 'idp', '--json', '--tail', '5')).stdout.trimEnd().split('\n');
    const times = lines.map((line) => (JSON.parse(line) as { time: string }).time);
    expect(times).toHaveLength(5);
    expect(times).toEqual(times.toSorted());
    expect((await scene.run('logs', '--since', 'yesterday-ish')).code).toBe(2);
    expect((await scene.run('logs', '--since', '2999-01-01')).stdout).toBe('');
  });

  test('down --volumes deletes sessions after a yes only; outside of a project there is nothing to do', async () => {
    const scene = await createProject('volumes');
    await scene.json(0, 'up');
    expect((await scene.run('down', '--volumes')).code).toBe(2);
    expect(await challengeOf(scene)).toBe(401);
    await scene.json(0, 'down', '--volumes', '--yes');
    expect(await exists(join(scene.folder, '.mcpgw/idp.sqlite'))).toBe(false);
    expect(await exists(join(scene.folder, '.mcpgw/gateway'))).toBe(false);
    expect(await exists(join(scene.folder, '.mcpgw/authority/ca.pem'))).toBe(true);
    const outside = await mcpgw(['up', '--json'], { cwd: join(scene.folder, '..') });
    expect(JSON.parse(outside.stdout)).toMatchObject({ ok: false, error: { code: 'NO_PROJECT' } });
  });
});

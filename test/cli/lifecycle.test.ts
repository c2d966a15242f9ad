import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as create from '../../src/commands/create.ts';
import * as down from '../../src/commands/down.ts';
import * as gateway from '../../src/commands/gateway.ts';
import * as logs from '../../src/commands/logs.ts';
import * as restart from '../../src/commands/restart.ts';
import * as status from '../../src/commands/status.ts';
import * as up from '../../src/commands/up.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContext, type TestContextOptions } from '../helpers/context.ts';
import { freePorts, ROOT, temporaryFolder } from '../helpers/program.ts';

/** A context whose engine runs from source, and sees this machine's PATH. */
function context(cwd: string, options: TestContextOptions = {}): TestContext {
  const env = {
    PATH: process.env['PATH'],
    MCPGW_ENGINE: 'embedded',
    MCPGW_STATE_DIR: join(cwd, '../state'),
    ...options.env,
  };
  return { ...testContext({ ...options, cwd, env }), program: [process.execPath, join(ROOT, 'src/start.ts')] };
}

interface Place {
  folder: string;
  port: number;
}

async function createProject(name: string): Promise<Place> {
  const parent = await temporaryFolder(name);
  const [port = 0, idpPort = 0] = await freePorts(2);
  await create.run(context(parent), {
    folder: 'gw',
    yes: true,
    engine: 'embedded',
    port,
    idpPort,
    servers: ['whoami'],
  });
  const folder = join(parent, 'gw');
  onTestFinished(async () => {
    await down.run(context(folder), {});
  });
  return { folder, port };
}

const plain = styleFor(testContext().stdout, { COLUMNS: '80' });

describe('a project’s life, command by command', () => {
  test('before it runs: status says so with the next command, the plan is shown, nothing is there to stop', async () => {
    const { folder } = await createProject('before');
    const stopped = await status.run(context(folder));
    expect(status.exitOf(stopped)).toBe(3);
    expect(status.screen(stopped, plain)).toMatch(
      /^gw {3}not running\n\nwhoami .*anyone signed in\n\nNext {4}mcpgw up {3}start it\n$/,
    );

    const planned = await up.run(context(folder), { dryRun: true });
    expect(planned).toEqual({ kind: 'planned', steps: ['start gateway, idp, mcp-servers'] });
    expect(up.screen(planned, plain)).toBe('start gateway, idp, mcp-servers\n');
    expect((await status.run(context(folder))).state).toBe('stopped');

    const nothing = await down.run(context(folder), {});
    expect(nothing).toEqual({ stopped: [], cleaned: false, deleted: [] });
    expect(down.screen(nothing, plain)).toBe('nothing was running\n');
    await expect(restart.run(context(folder), { service: 'idp' })).rejects.toMatchObject({
      code: 'NOT_RUNNING',
      exit: 3,
    });
    await expect(logs.run(context(folder), { services: ['gateway'] })).rejects.toMatchObject({ code: 'NO_SUCH_LOG' });
  });

  test('up tells its steps in order, and its screens stay within 80 columns', async () => {
    const { folder, port } = await createProject('steps');
    const ctx = context(folder);
    const started = await up.run(ctx, {});
    expect(started.kind).toBe('started');
    expect(up.exitOf(started)).toBe(0);
    expect(ctx.steps.map((step) => step.replace(/ .*/, ''))).toEqual([
      'configuration:',
      'certificate:',
      'gateway:',
      'idp:',
      'mcp-servers:',
    ]);
    const screen = up.screen(started, plain);
    expect(screen).toContain(`whoami   https://whoami.localhost:${port}   1 tool   anyone signed in`);
    expect(screen).toContain('Next    mcpgw token whoami');

    const running = await status.run(context(folder));
    expect(status.exitOf(running)).toBe(0);
    const shown = status.screen(running, plain);
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);

    const again = context(folder);
    const same = await up.run(again, {});
    expect(same).toMatchObject({ kind: 'unchanged', steps: [] });
    expect(up.screen(same, plain)).toBe(shown);

    const anew = await restart.run(context(folder), {});
    expect(anew.restarted).toEqual(['gateway', 'idp', 'mcp-servers']);
    expect(anew.status.pid).not.toBe(running.pid);

    const reading = context(folder);
    await logs.run(reading, { services: ['engine'] });
    expect(reading.out()).toMatch(/engine +mcpgw .* runs this project[^]*engine +stopped/);
    expect(down.screen(await down.run(context(folder), {}), plain)).toBe('✓ stopped gateway, idp, mcp-servers\n');
  });

  test('changed users reach the running identity provider without a restart', async () => {
    const { folder } = await createProject('users');
    await up.run(context(folder), {});
    const file = join(folder, 'docker-compose.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('guest@example.com', 'visitor@example.com'));
    expect(await up.run(context(folder), {})).toMatchObject({
      kind: 'changed',
      steps: ['update the development users'],
    });
  });

  test('an interrupted wait is told as such', async () => {
    const { folder } = await createProject('interrupted');
    const signal = AbortSignal.abort(new Error('SIGINT'));
    await expect(up.run(context(folder, { signal }), {})).rejects.toThrow();
    expect((await status.run(context(folder))).state).toBe('stopped');
  });

  test('--port without --save, and --volumes without a yes, are usage errors', async () => {
    const { folder } = await createProject('usage');
    await expect(up.run(context(folder), { port: 9443 })).rejects.toMatchObject({ code: 'USAGE', exit: 2 });
    await expect(down.run(context(folder), { volumes: true })).rejects.toMatchObject({ code: 'USAGE', exit: 2 });
    const asked = context(folder, { interactive: true, answers: [false] });
    expect(await down.run(asked, { volumes: true })).toEqual({ stopped: [], cleaned: false, deleted: [] });
  });

  test('outside of a project each command says so', async () => {
    const folder = await temporaryFolder('outside');
    for (const command of [up.run, down.run, restart.run, status.run, logs.run]) {
      await expect(command(context(folder), {})).rejects.toMatchObject({ code: 'NO_PROJECT' });
    }
  });
});

const SECRET = Buffer.alloc(32, 7).toString('base64');
const CONFIG = `address: 127.0.0.1:0
insecure_server: true
shared_secret: ${SECRET}
cookie_secret: ${SECRET}
authenticate_service_url: https://authenticate.localhost
idp_provider: oidc
idp_provider_url: http://127.0.0.1:9
idp_client_id: id
idp_client_secret: secret
routes:
  - from: https://one.localhost
    to: http://upstream:1/
    mcp: {server: {}}
    policy:
      - allow: {or: [{authenticated_user: true}]}
`;

async function start(
  text: string,
): Promise<{ ctx: TestContext; file: string; running: Promise<void>; stop: () => Promise<void> }> {
  const folder = await temporaryFolder('gateway');
  const file = join(folder, 'gw.yaml');
  await writeFile(file, text);
  const abort = new AbortController();
  const ctx = context(folder, { signal: abort.signal });
  const running = gateway.run(ctx, { config: 'gw.yaml' });
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  return { ctx, file, running, stop };
}

const portOf = (ctx: TestContext): number => Number(/listening on 127\.0\.0\.1:(\d+)/.exec(ctx.err())?.[1] ?? 0);

function statusOf(port: number, host: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = { host, accept: 'application/json', 'content-type': 'application/json' };
  const asking = request({ agent: false, host: '127.0.0.1', port, method: 'POST', path: '/', headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asking.on('error', reject);
  asking.end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  return promise;
}

describe('the gateway in the foreground', () => {
  test('runs what the file says, writes JSON lines to a pipe, reloads a changed file and ends on Ctrl+C', async () => {
    const { ctx, file, stop } = await start(CONFIG);
    await expect.poll(() => portOf(ctx)).toBeGreaterThan(0);
    const port = portOf(ctx);
    expect([await statusOf(port, 'one.localhost'), await statusOf(port, 'two.localhost')]).toEqual([401, 404]);
    await writeFile(file, CONFIG.replace('one.localhost', 'two.localhost'));
    await expect.poll(async () => statusOf(port, 'two.localhost'), { timeout: 5_000 }).toBe(401);

    await writeFile(file, CONFIG.replace('from:', 'form:'));
    await expect.poll(() => ctx.out(), { timeout: 5_000 }).toContain('config: error updating config');
    expect(await statusOf(port, 'two.localhost')).toBe(401);
    await stop();
    const lines = ctx.out().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ level: 'info', message: 'http-request' }),
    );
    await expect(statusOf(port, 'two.localhost')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('refuses a file with a fault, with its place and what Pomerium would say', async () => {
    const { running } = await start(CONFIG.replace(`shared_secret: ${SECRET}`, 'shared_secret: "no base64!"'));
    const refusal = await running.catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      exit: 1,
      message: expect.stringMatching(/^gw\.yaml:3:\d+: /) as unknown,
      why: expect.stringMatching(/Pomerium refuses to start with: .*config: invalid shared secret/) as unknown,
    });
    // The lines around a fault may hold secrets.
    expect(JSON.stringify(refusal)).not.toContain(SECRET);
    expect(JSON.stringify(refusal)).not.toContain('no base64!');
  });

  test('a missing file and a wrong host map are told by name', async () => {
    const folder = await temporaryFolder('gateway');
    await expect(gateway.run(context(folder), { config: 'none.yaml' })).rejects.toMatchObject({
      code: 'CONFIG_UNREADABLE',
    });
    await writeFile(join(folder, 'gw.yaml'), CONFIG);
    const wrong = gateway.run(context(folder), { config: 'gw.yaml', hostMap: ['upstream'] });
    await expect(wrong).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('`upstream`') as unknown,
    });
  });
});

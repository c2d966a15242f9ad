import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as call from '../../src/commands/call.ts';
import * as create from '../../src/commands/create.ts';
import * as down from '../../src/commands/down.ts';
import * as restart from '../../src/commands/restart.ts';
import * as status from '../../src/commands/status.ts';
import * as token from '../../src/commands/token.ts';
import * as up from '../../src/commands/up.ts';
import { findEngine, type EngineRecord } from '../../src/stack/embedded/engine-file.ts';
import { identify } from '../../src/stack/process-identity.ts';
import { testContext, type TestContext } from '../helpers/context.ts';
import { placePomerium } from '../helpers/pomerium-stand-in.ts';
import { freePorts, ROOT, temporaryFolder } from '../helpers/program.ts';

interface Scene {
  folder: string;
  bin: string;
  port: number;
  context: () => TestContext;
}

/** A project of the native engine, with a `pomerium` on the PATH. */
async function createProject(name: string): Promise<Scene> {
  const parent = await temporaryFolder(name);
  const bin = await placePomerium(join(parent, 'bin'));
  const folder = join(parent, 'gw');
  const [port = 0, idpPort = 0] = await freePorts(2);
  const contextIn = (cwd: string): TestContext => ({
    // ADDRESS and the like of somebody's shell must not reach Pomerium.
    ...testContext({
      cwd,
      env: { PATH: `${bin}:/usr/bin:/bin`, MCPGW_STATE_DIR: join(parent, 'state'), ADDRESS: ':1' },
    }),
    program: [process.execPath, join(ROOT, 'src/start.ts')],
  });
  const flags = { yes: true, engine: 'native', servers: ['whoami'], port, idpPort };
  await create.run(contextIn(parent), { folder: 'gw', ...flags });
  onTestFinished(async () => {
    await down.run(contextIn(folder), {});
  });
  return { folder, bin, port, context: () => contextIn(folder) };
}

async function edit(folder: string, change: (text: string) => string): Promise<void> {
  const file = join(folder, 'pomerium-config.yaml');
  await writeFile(file, change(await readFile(file, 'utf8')));
}

async function pidOf(folder: string, name: string): Promise<number> {
  const record = JSON.parse(await readFile(join(folder, '.mcpgw/engine.json'), 'utf8')) as EngineRecord;
  const child = record.children.find((one) => one.name === name);
  if (!child) throw new Error(`${name} is not in engine.json`);
  return child.pid;
}

/** A zombie that nobody collects runs no more. */
async function isRunning(pid: number): Promise<boolean> {
  return (await identify(pid)) !== undefined;
}

/** Looks until the answer is there; the test's own limit ends it. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
}

const CALL = { route: 'whoami', tool: 'whoami', as: 'member', rest: [] };

describe('the user’s own Pomerium', () => {
  test('runs a project: a tool is called, and Pomerium reads places of this machine', async () => {
    const { folder, port, context } = await createProject('native');
    const started = await up.run(context(), {});
    expect(started).toMatchObject({ kind: 'started', status: { engine: 'native', state: 'running' } });
    expect(JSON.stringify(await call.run(context(), CALL))).toContain('member@example.com');

    const running = await status.run(context());
    expect(running.services[0]).toMatchObject({ name: 'gateway', address: `127.0.0.1:${port}`, restarts: 0 });
    const read = await readFile(join(folder, '.mcpgw/native/pomerium-config.yaml'), 'utf8');
    expect(read).toMatch(/to: http:\/\/127\.0\.0\.1:\d+\/whoami/);
    expect(read).toContain('host_rewrite: mcp-servers:8080');
    expect(await readFile(join(folder, 'pomerium-config.yaml'), 'utf8')).toContain(
      'to: http://mcp-servers:8080/whoami',
    );

    const pid = await pidOf(folder, 'pomerium');
    const stopped = await down.run(context(), {});
    expect(stopped.stopped).toEqual(expect.arrayContaining(['gateway', 'idp', 'mcp-servers']));
    expect(await isRunning(pid)).toBe(false);
  });

  test('takes an edit over without a restart', async () => {
    const { folder, context } = await createProject('native-edit');
    await up.run(context(), {});
    const pid = await pidOf(folder, 'pomerium');
    await edit(folder, (text) => text.replace('authenticated_user: true', 'email: { is: nobody@example.com }'));
    expect(await up.run(context(), {})).toMatchObject({ kind: 'changed', status: { state: 'running' } });
    expect(await pidOf(folder, 'pomerium')).toBe(pid);
    await expect(call.run(context(), CALL)).rejects.toMatchObject({ code: 'POLICY_DENIED' });
  });

  test('comes back when it is killed, and its sessions with it', async () => {
    const { folder, context } = await createProject('native-killed');
    await up.run(context(), {});
    const before = await token.run(context(), { route: 'whoami', as: 'member' });
    const pid = await pidOf(folder, 'pomerium');
    process.kill(pid, 'SIGKILL');
    const back = await until(async () => {
      const now = await status.run(context());
      const [gateway] = now.services;
      return now.state === 'running' && (gateway?.restarts ?? 0) > 0 ? gateway : undefined;
    });
    expect(back.restarts).toBe(1);
    expect(await token.run(context(), { route: 'whoami', as: 'member' })).toMatchObject({
      from: 'cache',
      accessToken: before.accessToken,
    });
    expect(JSON.stringify(await call.run(context(), CALL))).toContain('member@example.com');
  });

  test('is ended with everything else when the engine was killed', async () => {
    const { folder, context } = await createProject('native-orphan');
    await up.run(context(), {});
    const pid = await pidOf(folder, 'pomerium');
    const engine = (await status.run(context())).pid ?? 0;
    process.kill(engine, 'SIGKILL');
    // Its threads end one after the other, and its socket with the last.
    await until(async () => ((await findEngine(join(folder, '.mcpgw'))).kind === 'stale' ? true : undefined));
    // Pomerium lives on or ends over its lost output, as it comes; nothing of either may be left.
    expect(await down.run(context(), {})).toMatchObject({ cleaned: true });
    expect(await isRunning(pid)).toBe(false);
  });

  test('restarts alone', async () => {
    const { folder, context } = await createProject('native-restart');
    await up.run(context(), {});
    const pid = await pidOf(folder, 'pomerium');
    expect(await restart.run(context(), { service: 'gateway' })).toMatchObject({ status: { state: 'running' } });
    const anew = await pidOf(folder, 'pomerium');
    expect(anew).not.toBe(pid);
    // The servers come back on another port, of which Pomerium is told.
    await restart.run(context(), { service: 'mcp-servers' });
    expect(JSON.stringify(await call.run(context(), CALL))).toContain('member@example.com');
    expect(await pidOf(folder, 'pomerium')).toBe(anew);
  });

  test('that does not start is told with its last words', async () => {
    const { bin, context } = await createProject('native-fatal');
    const line = JSON.stringify({ level: 'fatal', error: 'config: something is amiss', message: 'cmd/pomerium' });
    await writeFile(join(bin, 'pomerium'), `#!/bin/sh\ntest "$1" = --version && exit\necho '${line}'\nexit 1\n`);
    await chmod(join(bin, 'pomerium'), 0o755);
    const result = await up.run(context(), {});
    expect(up.exitOf(result)).toBe(3);
    expect(result).toMatchObject({
      unhealthy: [{ name: 'gateway', detail: 'exited with code 1: config: something is amiss' }],
    });
  });

  test('that is missing is told before anything is touched', async () => {
    const { bin, context } = await createProject('native-missing');
    await writeFile(join(bin, 'pomerium'), '');
    await chmod(join(bin, 'pomerium'), 0o644);
    await expect(up.run(context(), {})).rejects.toMatchObject({ code: 'POMERIUM_NOT_FOUND' });
    expect((await status.run(context())).state).toBe('stopped');
  });
});

test('a project that changes its engine is started anew by up', async () => {
  const { folder, context } = await createProject('native-change');
  await up.run(context(), {});
  const compose = join(folder, 'docker-compose.yaml');
  await writeFile(compose, (await readFile(compose, 'utf8')).replace('engine: native', 'engine: embedded'));
  const planned = await up.run(context(), { dryRun: true });
  expect(planned.steps).toEqual(['restart everything: it runs the native engine, the files want embedded']);
  expect(await up.run(context(), {})).toMatchObject({
    kind: 'started',
    status: { engine: 'embedded', state: 'running' },
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as create from '../../src/commands/create.ts';
import * as down from '../../src/commands/down.ts';
import * as status from '../../src/commands/status.ts';
import * as up from '../../src/commands/up.ts';
import { createFetch } from '../../src/net/fetch.ts';
import { testContext, type TestContext } from '../helpers/context.ts';
import { freePorts, ROOT, temporaryFolder } from '../helpers/program.ts';

const WAIT = { timeout: 15_000, interval: 200 };

function context(cwd: string): TestContext {
  const env = { PATH: process.env['PATH'], MCPGW_ENGINE: 'embedded', MCPGW_STATE_DIR: join(cwd, '../state') };
  return { ...testContext({ cwd, env }), program: [process.execPath, join(ROOT, 'src/start.ts')] };
}

async function start() {
  const parent = await temporaryFolder('engine-reload');
  const [port = 0, idpPort = 0] = await freePorts(2);
  const folder = join(parent, 'gw');
  await create.run(context(parent), {
    folder: 'gw',
    yes: true,
    engine: 'embedded',
    port,
    idpPort,
    servers: ['whoami'],
  });
  onTestFinished(async () => {
    await down.run(context(folder), {});
  });
  await up.run(context(folder), {});
  const ca = await readFile(join(folder, '.mcpgw/certs/ca.pem'), 'utf8');
  const fetch = createFetch({ ca: [ca] });
  return {
    folder,
    port,
    edit: async (name: string, change: (text: string) => string): Promise<void> => {
      const file = join(folder, name);
      await writeFile(file, change(await readFile(file, 'utf8')));
    },
    log: (): Promise<string> => readFile(join(folder, '.mcpgw/logs/gateway.log'), 'utf8'),
    answer: async (host: string): Promise<string> => {
      const response = await fetch(`https://${host}.localhost:${port}/`, { headers: { accept: 'application/json' } });
      return `${response.status} ${(await response.text()).slice(0, 30)}`;
    },
  };
}

test('the engine of a project takes over what changes in its configuration and in .env, and keeps the old when it is no good', async () => {
  const { folder, port, edit, log, answer } = await start();
  const route = `\n  - from: https://mine.localhost:${port}\n    response: {status: 200, body: "first"}\n    allow_public_unauthenticated_access: true\n`;
  // A new host, which the certificate has to name.
  await edit('pomerium-config.yaml', (text) => text + route);
  await expect.poll(async () => answer('mine').catch(String), WAIT).toBe('200 first');
  expect(await status.run(context(folder))).toMatchObject({ state: 'running', pending: [] });

  await edit('pomerium-config.yaml', (text) => text.replace('response: {status', 'respond: {status'));
  await expect.poll(log, WAIT).toContain('config: error updating config');
  expect(await log()).toMatch(/unknown key `respond`/);
  expect(await answer('mine')).toBe('200 first');

  await edit('.env', (text) => `${text}\nGREETING=from-env\n`);
  await edit('pomerium-config.yaml', (text) =>
    text.replace('respond: {status', 'response: {status').replace('first', '${GREETING}'),
  );
  await expect.poll(async () => answer('mine'), WAIT).toBe('200 from-env');
  await edit('.env', (text) => text.replace('from-env', 'changed'));
  await expect.poll(async () => answer('mine'), WAIT).toBe('200 changed');
}, 90_000);

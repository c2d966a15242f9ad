import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { dockerProject } from '../helpers/docker-project.ts';
import { freePorts, mcpgw, PROGRAM, temporaryFolder, type Ran } from '../helpers/program.ts';
import { SMALL_SERVER } from '../helpers/small-server.ts';

/** Host names of the gateway's certificate. */
async function certifiedNames(folder: string): Promise<string> {
  return new X509Certificate(await readFile(join(folder, '.mcpgw/certs/gateway.crt'))).subjectAltName ?? '';
}

async function writeServer(folder: string): Promise<void> {
  await mkdir(join(folder, 'srv'));
  await writeFile(join(folder, 'srv/server.cjs'), SMALL_SERVER);
}

/** Our own sqlite server outside of the project; it answers to `localhost` and no other name. */
async function startServer(database: string, port: number): Promise<void> {
  const args = [PROGRAM, 'serve', 'sqlite', '--port', String(port), '--sqlite-file', database];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  await vi.waitFor(async () => fetch(`http://127.0.0.1:${port}/healthz`), 10_000);
}

test('on the embedded engine: a URL and a command are added, called and removed, and the files are as before', async () => {
  const parent = await temporaryFolder('add');
  const [port = 0, idpPort = 0, serverPort = 0, ownPort = 0] = await freePorts(4);
  const ports = ['--port', String(port), '--idp-port', String(idpPort)];
  expect(await mcpgw(['create', 'gw', '--yes', '--engine', 'embedded', ...ports], { cwd: parent })).toMatchObject({
    code: 0,
  });
  const folder = join(parent, 'gw');
  const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: folder });
  onTestFinished(async () => void (await run('down')));
  const files = async (): Promise<string[]> =>
    Promise.all(
      ['pomerium-config.yaml', 'docker-compose.yaml', '.env'].map(async (file) => readFile(join(folder, file), 'utf8')),
    );
  const before = await files();
  expect(await run('up')).toMatchObject({ code: 0 });

  await startServer(join(folder, 'data/library.sqlite'), serverPort);
  await writeServer(folder);
  expect(await run('add', `http://localhost:${serverPort}/sqlite`, 'books')).toMatchObject({ code: 0 });
  const command = ['--run', 'node server.cjs', '--folder', 'srv', '--port', String(ownPort), '--name', 'mine'];
  expect(await run('add', ...command)).toMatchObject({ code: 0 });
  const up = await run('up');
  expect(up, up.stderr).toMatchObject({ code: 0 });
  expect(await certifiedNames(folder)).toMatch(/books\.localhost.*mine\.localhost/);
  const tables = await run('call', 'books', 'list_tables', '--as', 'member');
  expect(tables.stdout, tables.stderr).toContain('books');
  expect((await run('call', 'mine', 'hello', '--as', 'member')).stdout).toContain(`hello from ${ownPort}`);

  expect(await run('remove', 'books')).toMatchObject({ code: 0 });
  expect(await run('remove', 'mine', '--yes')).toMatchObject({ code: 0 });
  expect(await files()).toEqual(before);
  expect(await run('up')).toMatchObject({ code: 0 });
  const { routes, services } = JSON.parse((await run('status', '--json')).stdout) as Record<string, { name: string }[]>;
  expect(routes?.map(({ name }) => name)).toEqual(['whoami', 'sqlite']);
  expect(services?.map(({ name }) => name)).not.toContain('mine');
});

test('on the docker engine: a reference server and a command are added, called and removed', async ({ skip }) => {
  const scene = await dockerProject(skip, 'add', '--servers', 'whoami');
  expect(await scene.run('up')).toMatchObject({ code: 0 });
  await writeServer(scene.folder);
  expect(await scene.run('add', 'sqlite')).toMatchObject({ code: 0 });
  const command = ['--run', 'node server.cjs', '--folder', 'srv', '--port', '3000', '--name', 'mine'];
  expect(await scene.run('add', ...command)).toMatchObject({ code: 0 });
  const pending = (await scene.json(0, 'up', '--dry-run'))['steps'];
  expect(pending).toEqual(
    expect.arrayContaining([
      expect.stringContaining('start mine'),
      expect.stringContaining('restart pomerium'),
      expect.stringContaining('restart mcp-servers'),
    ]),
  );
  const up = await scene.run('up');
  expect(up, up.stderr).toMatchObject({ code: 0 });
  expect(await certifiedNames(scene.folder)).toMatch(/mine\.localhost.*sqlite\.localhost/);
  const greeting = await scene.run('call', 'mine', 'hello', '--as', 'member');
  expect(greeting.stdout, greeting.stderr).toContain('hello from 3000');
  expect((await scene.run('call', 'sqlite', 'list_tables', '--as', 'member')).stdout).toContain('books');

  expect(await scene.run('remove', 'mine', '--yes')).toMatchObject({ code: 0 });
  expect(await scene.run('up')).toMatchObject({ code: 0 });
  expect(Object.keys(await scene.containers()).toSorted()).toEqual(['idp', 'mcp-servers', 'pomerium', 'postgres']);
  expect((await scene.run('call', 'sqlite', 'list_tables', '--as', 'member')).stdout).toContain('books');
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePorts, mcpgw, PROGRAM, runProgram, temporaryFolder, type Ran } from '../helpers/program.ts';

interface Scene {
  folder: string;
  port: number;
  idpPort: number;
  run(...args: string[]): Promise<Ran>;
}

/** A project that never ran. What a test starts in it ends with the test. */
async function createProject(name: string, folderName = 'gw'): Promise<Scene> {
  const parent = await temporaryFolder(name);
  const [port = 0, idpPort = 0] = await freePorts(2);
  const flags = ['--yes', '--servers', 'whoami', '--port', String(port), '--idp-port', String(idpPort)];
  expect(await mcpgw(['create', folderName, ...flags], { cwd: parent })).toMatchObject({ code: 0 });
  const folder = join(parent, folderName);
  const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: folder });
  onTestFinished(async () => void (await run('down')));
  return { folder, port, idpPort, run };
}

/** One error: what, why, a Fix and the code; no stack, no warning of Node's, nothing on stdout. */
function expectOneError(ran: Ran, code: string, exit = 1): void {
  expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: exit });
  expect(ran.stderr.match(/^ {2}[A-Z_]+ · exit \d+$/gm)).toEqual([`  ${code} · exit ${exit}`]);
  expect(ran.stderr).toMatch(/^ {2}Fix: \S/m);
  expect(ran.stderr).not.toMatch(/^\s+at |\(node:\d+\)|this is a fault of mcpgw/m);
  expect(ran.stdout).toBe('');
}

/** The first line under `Fix:`, run as a user would paste it. */
async function paste(ran: Ran, cwd: string): Promise<Ran> {
  const line = /^ {2}Fix: (.*)$/m.exec(ran.stderr)?.[1] ?? '';
  const [, words = line] = /^(.*?)(?: {4}#.*)?$/.exec(line) ?? [];
  const own = `mcpgw() { ${JSON.stringify(process.execPath)} ${JSON.stringify(PROGRAM)} "$@"; }\n`;
  return runProgram('/bin/bash', ['-c', own + words], { cwd });
}

/** Files in the project, with what is in them, but for the state of this machine. */
async function snapshot(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== '.mcpgw').sort();
  const texts = await Promise.all(
    names.map(async (name) => readFile(join(folder, name), 'utf8').catch(() => 'folder')),
  );
  return Object.fromEntries(names.map((name, i) => [name, texts[i] ?? '']));
}

describe('files that cannot be used', () => {
  test('a file where the state folder belongs, for every command that needs it', async () => {
    const scene = await createProject('in-the-way');
    await writeFile(join(scene.folder, '.mcpgw'), 'x');
    for (const command of ['up', 'down', 'restart']) expectOneError(await scene.run(command), 'NOT_A_FOLDER');
    const { code } = await paste(await scene.run('up'), scene.folder);
    expect(code).toBe(0);
    expect(await scene.run('up')).toMatchObject({ code: 0 });
  });

  test('a damaged .env: nothing starts with secrets that would not last, and the Fix mends it', async () => {
    const scene = await createProject('damaged-env');
    await writeFile(join(scene.folder, '.env'), Buffer.from([0xff, 0x00, 0x1b, 0x5b, 0x41]));
    const before = await snapshot(scene.folder);
    const refused = await scene.run('up');
    expectOneError(refused, 'SECRET_MISSING');
    expect(await snapshot(scene.folder)).toEqual(before);
    expect(await paste(refused, scene.folder)).toMatchObject({ code: 0 });
    expect(await scene.run('up')).toMatchObject({ code: 0 });
  });

  test('no .env: the Fix makes one', async () => {
    const scene = await createProject('no-env', "it's my gw");
    await rm(join(scene.folder, '.env'));
    const refused = await scene.run('up');
    expectOneError(refused, 'PROJECT_FILE_MISSING');
    expect(await paste(refused, scene.folder)).toMatchObject({ code: 0 });
    expect(await scene.run('up', '--dry-run')).toMatchObject({ code: 0 });
  });

  test('a fault beside a secret is shown without the secret, and without what a terminal would obey', async () => {
    const scene = await createProject('secret');
    const file = join(scene.folder, 'docker-compose.yaml');
    const text = await readFile(file, 'utf8');
    const broken = text.replace(/^( +POSTGRES_PASSWORD:).*$/m, '$1 hunter2\n$1 "\u001B[31mhunter3"');
    await writeFile(file, broken);
    const { stderr, code } = await scene.run('up');
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('YAML_SYNTAX') as unknown });
    for (const hidden of ['hunter2', 'hunter3', '\u001B']) expect(stderr).not.toContain(hidden);
  });

  test.each(['gateway/state.sqlite', 'idp.sqlite'])('%s of a newer version, then a damaged one', async (name) => {
    const scene = await createProject('state');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    await scene.run('down');
    const file = join(scene.folder, '.mcpgw', name);
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 999');
    database.close();
    expectOneError(await scene.run('up'), name.startsWith('idp') ? 'IDP_STATE_NEWER' : 'STATE_NEWER');
    await writeFile(file, 'not a database, but long enough to be one'.repeat(50));
    const before = await readFile(file);
    expectOneError(await scene.run('up'), name.startsWith('idp') ? 'IDP_STATE_CORRUPT' : 'STATE_CORRUPT');
    expect((await readFile(file)).equals(before)).toBe(true);
    expect(await scene.run('status')).toMatchObject({ code: 3 });
  });

  test('a host that the authority may not vouch for is told, and stops no other', async () => {
    const scene = await createProject('outside');
    const file = join(scene.folder, 'pomerium-config.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('from: https://whoami.localhost', 'from: https://whoami.example.test'));
    const { code, stderr } = await scene.run('up');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/^! certificate +none for whoami\.example\.test: /m);
  });

  test('two ports for one identity provider', async () => {
    const scene = await createProject('idp-port');
    const file = join(scene.folder, 'docker-compose.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(`    port: ${scene.idpPort}`, `    port: ${scene.idpPort + 1}`));
    expectOneError(await scene.run('up'), 'IDP_PORT_MISMATCH');
  });
});

describe('a machine that does not help', () => {
  test('a busy identity provider’s port: the second line of the Fix moves it', async () => {
    const scene = await createProject('busy');
    const holder = createServer().listen(scene.idpPort, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const refused = await scene.run('up');
    expectOneError(refused, 'PORT_BUSY');
    const move = /(perl -pi .*)$/m.exec(refused.stderr)?.[1] ?? '';
    expect(await runProgram('/bin/bash', ['-c', move], { cwd: scene.folder })).toMatchObject({ code: 0 });
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    expect(await scene.run('token', 'whoami', '--as', 'member')).toMatchObject({ code: 0 });
  });

  test('create repeats every answer when it proposes another port', async () => {
    const parent = await temporaryFolder('again');
    const [port = 0, idpPort = 0] = await freePorts(2);
    const holder = createServer().listen(port, '127.0.0.1');
    await once(holder, 'listening');
    onTestFinished(() => void holder.close());
    const flags = ['--yes', '--servers', 'whoami', '--allow', 'group:staff', '--port', String(port)];
    const refused = await mcpgw(['create', 'gw', ...flags, '--idp-port', String(idpPort)], { cwd: parent });
    expectOneError(refused, 'PORT_BUSY');
    expect(refused.stderr).toMatch(
      new RegExp(`mcpgw create gw --yes --port \\d+ --idp-port ${idpPort} --servers whoami --allow group:staff$`, 'm'),
    );
    expect(await readdir(parent)).toEqual([]);
  });

  test('a folder that may not be written is named itself, not what was to be made in it', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write anywhere');
    const parent = await temporaryFolder('read-only');
    await chmod(parent, 0o500);
    const refused = await mcpgw(['create', 'gw', '--yes'], { cwd: parent });
    await chmod(parent, 0o700);
    expectOneError(refused, 'NO_PERMISSION');
    expect(refused.stderr).toContain(`no permission for ${parent}\n`);
  });

  test('a result that could not be written is no success', async ({ skip }) => {
    const full = await open('/dev/full', 'w').catch(() => undefined);
    skip(full === undefined, 'there is no /dev/full here');
    for (const [args, exit] of [
      [['--help'], 1],
      [['--version'], 1],
    ] as const) {
      const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', full?.fd ?? 0, 'pipe'] });
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      expect(await once(child, 'close')).toEqual([exit, null]);
      expect(stderr).toContain('OUTPUT_LOST · exit 1');
    }
    await full?.close();
  });

  test('an exit code survives a stderr that is gone, and stdout into a reader that goes away is no failure', async () => {
    const cwd = await temporaryFolder('pipes');
    const node = JSON.stringify(process.execPath);
    const program = JSON.stringify(PROGRAM);
    const script = `${node} ${program} nosuch 2>/dev/full; echo $?; ${node} ${program} nosuch 2>&-; echo $?
      ${node} ${program} --help | true; echo \${PIPESTATUS[0]}`;
    expect((await runProgram('/bin/bash', ['-c', script], { cwd })).stdout).toBe('2\n2\n0\n');
  });

  test('colours asked for and forbidden at once: no warning of Node’s', async () => {
    const scene = await createProject('colours');
    const env = { FORCE_COLOR: '1', NO_COLOR: '1' };
    const ran = await mcpgw(['status'], { cwd: scene.folder, env });
    expect(ran).toMatchObject({ code: 3, stderr: '' });
    const quiet = await mcpgw(['status', '--no-color'], { cwd: scene.folder, env: { ...env, NO_COLOR: undefined } });
    expect(quiet).toMatchObject({ code: 3, stderr: '' });
    expect(ran.stdout + quiet.stdout).not.toContain('\u001B');
  });
});

describe('a project that moves', () => {
  test('a copy of a running project is its own: it stops nothing of the other', async () => {
    const scene = await createProject('copied');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    const copy = `${scene.folder}-copy`;
    await cp(scene.folder, copy, { recursive: true, filter: (source) => !source.endsWith('.sock') });
    expect(await mcpgw(['status'], { cwd: copy })).toMatchObject({ code: 3 });
    expect(await mcpgw(['down'], { cwd: copy })).toMatchObject({ code: 0 });
    expect(await scene.run('status')).toMatchObject({ code: 0 });
  });

  test('one that was moved while it ran can be stopped in its new place', async () => {
    const scene = await createProject('moved');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    const moved = `${scene.folder}-moved`;
    await rename(scene.folder, moved);
    expect(await mcpgw(['down'], { cwd: moved })).toMatchObject({ code: 0 });
    expect(await mcpgw(['up'], { cwd: moved })).toMatchObject({ code: 0 });
    expect(await mcpgw(['down'], { cwd: moved })).toMatchObject({ code: 0 });
    await mkdir(scene.folder);
  });
});

describe('a project that is gone', () => {
  test('an engine whose state folder was deleted ends itself, and the next up starts anew', async () => {
    const scene = await createProject('deleted');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    await rm(join(scene.folder, '.mcpgw'), { recursive: true });
    expectOneError(await scene.run('up'), 'PORT_BUSY');
    await expect.poll(async () => (await scene.run('up')).code, { timeout: 15_000, interval: 500 }).toBe(0);
  }, 30_000);

  test('an engine makes nothing in a folder that is no project', async () => {
    const folder = join(await temporaryFolder('no-project'), 'x');
    const ran = await mcpgw(['engine', '--project', folder], { cwd: join(folder, '..') });
    expectOneError(ran, 'PROJECT_FILE_MISSING');
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});

describe('somebody who changes their mind', () => {
  test('Ctrl+C while up waits: what was started goes on, and comes up', async () => {
    const scene = await createProject('interrupted');
    const env = { ...process.env, NO_COLOR: '1', MCPGW_STATE_DIR: join(scene.folder, '../state') };
    const child = spawn(process.execPath, [PROGRAM, 'up'], {
      cwd: scene.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr === '') child.kill('SIGINT');
      stderr += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(stderr).toContain('INTERRUPTED · exit 130');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    expect(await scene.run('logs', 'engine')).toMatchObject({
      stdout: expect.not.stringContaining('fault of mcpgw') as unknown,
    });
  });

  test('up twice at once starts it once; down twice at once stops it once', async () => {
    const scene = await createProject('twice');
    const ups = await Promise.all([scene.run('up'), scene.run('up')]);
    expect(ups.map((ran) => ran.code)).toEqual([0, 0]);
    const downs = await Promise.all([scene.run('down'), scene.run('down')]);
    expect(downs.map((ran) => ran.code)).toEqual([0, 0]);
    expect(downs.filter((ran) => ran.stdout.includes('nothing was running'))).toHaveLength(1);
  });
});

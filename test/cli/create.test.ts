import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { run, screen, type CreateOptions, type CreateResult } from '../../src/commands/create.ts';
import { loadProject } from '../../src/project/index.ts';
import type { DockerVerdict } from '../../src/stack/find-docker.ts';
import type { Style } from '../../src/ui/style.ts';
import { testContext, type TestContextOptions } from '../helpers/context.ts';
import { freePorts } from '../helpers/program.ts';

const plain = (text: string): string => text;
const STYLE: Style = { ok: plain, warn: plain, bad: plain, dim: plain, bold: plain, width: 80, colour: false };
const FILES = [
  '.env',
  '.env.example',
  '.gitignore',
  'README.md',
  'data',
  'docker-compose.yaml',
  'pomerium-config.yaml',
];

let cwd: string;
let ports: { port: number; idpPort: number };
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'mcpgw créate-'));
  const [port = 0, idpPort = 0] = await freePorts(2);
  ports = { port, idpPort };
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
});

async function elsewhere(name: string): Promise<string[]> {
  return name.endsWith('.pomerium.io') ? ['127.0.0.1'] : ['10.0.0.9'];
}

/** Names lead here, so that no test depends on this machine's resolver. */
const lookup = async (): Promise<string[]> => ['127.0.0.1'];

/** Nor on whether Docker runs here. */
const docker = async (): Promise<DockerVerdict> => ({ usable: false, why: 'its engine does not run' });

function create(options: CreateOptions = {}, context: TestContextOptions = {}): Promise<CreateResult> {
  return run(testContext({ cwd, ...context }), { lookup, docker, ...ports, ...options });
}

async function failureOf(
  action: Promise<unknown>,
): Promise<Record<string, unknown> & { message: string; fix: string }> {
  const nothing = Symbol('nothing');
  const error: unknown = await action.then(
    () => nothing,
    (thrown: unknown) => thrown,
  );
  if (error === nothing) throw new Error('it did not fail');
  return error as Record<string, unknown> & { message: string; fix: string };
}

describe('a new project', () => {
  test('with --yes: every file, no question, and it loads without a problem', async () => {
    const result = await create({ folder: 'my-gateway', yes: true });
    expect(result.kind).toBe('created');
    const folder = join(cwd, 'my-gateway');
    expect((await readdir(folder)).sort()).toEqual(FILES);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    const project = await loadProject(folder, {});
    expect(project.parsed.problems).toEqual([]);
    expect(project.settings).toMatchObject({
      domain: 'localhost',
      engine: 'embedded',
      port: ports.port,
      idp: { port: ports.idpPort },
    });
    expect(await readdir(cwd)).toEqual(['my-gateway']);
  });

  test('the sample database is one', async () => {
    await create({ folder: 'g', yes: true });
    const head = (await readFile(join(cwd, 'g/data/library.sqlite'))).subarray(0, 15);
    expect(head.toString('latin1')).toBe('SQLite format 3');
  });

  test('asks four questions and no more', async () => {
    const answers = ['made by prompts', 'local', ['whoami'], 'group:ops'];
    const result = await create({}, { interactive: true, answers });
    expect(result).toMatchObject({
      enter: 'made by prompts',
      address: 'local',
      allow: { kind: 'group', group: 'ops' },
    });
    expect((await readdir(join(cwd, 'made by prompts'))).sort()).toEqual(FILES.filter((name) => name !== 'data'));
  });

  test('asks nothing that a flag or the environment answers', async () => {
    const env = { MCPGW_SERVERS: 'sqlite', MCPGW_ALLOW: '@acme.com' };
    const result = await create({ folder: 'x' }, { interactive: true, answers: ['local'], env });
    expect(result.servers.map((server) => server.name)).toEqual(['sqlite']);
    expect(result.allow).toEqual({ kind: 'domain', domain: 'acme.com' });
  });

  test('a public one asks who may use it, since there is no safe default', async () => {
    const result = await create(
      { port: undefined, idpPort: undefined },
      { interactive: true, answers: ['pub', 'mcp.acme.com', ['whoami'], '@acme.com'] },
    );
    expect(result).toMatchObject({
      address: 'public',
      engine: 'docker',
      hosts: ['authenticate.mcp.acme.com', 'whoami.mcp.acme.com'],
    });
    const project = await loadProject(join(cwd, 'pub'), {});
    expect(project.settings).toMatchObject({ address: 'public', domain: 'mcp.acme.com', port: 443 });
    expect(project.placeholders.map((one) => one.name)).toEqual(['YOUR-IDENTITY-PROVIDER', 'YOUR-CLIENT-ID']);
  });

  test('`create .` in an empty folder, and in a fresh repository', async () => {
    await mkdir(join(cwd, '.git'));
    const result = await create({ folder: '.', yes: true });
    expect(result).toMatchObject({ kind: 'created', enter: '' });
    expect((await readdir(cwd)).sort()).toEqual(['.env', '.env.example', '.git', ...FILES.slice(2)]);
  });

  test('a name in another script, below folders that are not there yet', async () => {
    await create({ folder: 'neu/網關 für mich', yes: true });
    expect((await loadProject(join(cwd, 'neu/網關 für mich'), {})).name).toBe('fu-r-mich');
  });

  test('names the domain it chose when *.localhost leads elsewhere', async () => {
    const result = await create({ folder: 'x', yes: true, lookup: elsewhere });
    expect(result.servers[0]?.url).toBe(`https://whoami.localhost.pomerium.io:${ports.port}`);
    expect(result.notes.join()).toContain('*.localhost.pomerium.io');
  });
});

describe('refusals change nothing', () => {
  test('without a terminal every missing flag is listed at once', async () => {
    const error = await failureOf(create({ address: 'public' }));
    expect(error).toMatchObject({
      code: 'USAGE',
      exit: 2,
      message: '3 values are missing: <folder>, --domain <name>, --allow <who>',
    });
    expect(await readdir(cwd)).toEqual([]);
  });

  test.each([
    ['a wrong domain', { domain: 'https://x.com/' }, /is a URL/],
    ['a domain that nobody else can reach', { domain: 'box.local' }, /no public domain/],
    ['an address instead of a domain', { domain: '10.0.0.1' }, /is an address/],
    ['an unknown server', { servers: ['whoam'] }, /`whoam` is not one of whoami, sqlite/],
    ['no server', { servers: [] }, /no MCP server/],
    ['a port out of range', { port: 70_000 }, /no port/],
    ['half a port', { port: 80.5 }, /no port/],
    ['one port for two', { port: 9999, idpPort: 9999 }, /both have port 9999/],
    ['an unknown group of people', { allow: 'everyone' }, /`everyone` is not anyone/],
    ['an unknown address', { address: 'cloud' }, /`cloud` is not one of local, public/],
    ['an unknown engine', { engine: 'podman' }, /`podman` is not one of/],
    ['a name like a flag', { folder: '--x' }, /looks like a flag/],
  ] as [string, CreateOptions, RegExp][])('%s', async (_what, options, message) => {
    const error = await failureOf(create({ folder: 'x', yes: true, ...options }));
    expect(error).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(error.message).toMatch(message);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('a folder with other content', async () => {
    await writeFile(join(cwd, 'package.json'), '{}');
    const error = await failureOf(create({ folder: '.', yes: true }));
    expect(error).toMatchObject({
      code: 'FOLDER_NOT_EMPTY',
      exit: 1,
      message: expect.stringContaining('package.json'),
    });
    expect(await readdir(cwd)).toEqual(['package.json']);
  });

  test('in a terminal the folder is refused before anything else is asked', async () => {
    await writeFile(join(cwd, 'x'), '');
    expect(await failureOf(create({}, { interactive: true, answers: ['x'] }))).toMatchObject({
      code: 'FOLDER_IS_FILE',
    });
  });

  test.each(['port', 'idpPort'] as const)('a busy %s, with its holder and a free port to take', async (which) => {
    const server = createServer();
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const busy = (server.address() as AddressInfo).port;
    const error = await failureOf(create({ folder: 'x', yes: true, [which]: busy }));
    expect(error).toMatchObject({ code: 'PORT_BUSY', exit: 1 });
    expect(error.message).toMatch(new RegExp(`^port ${busy} is held by .+`));
    if (process.platform === 'linux') expect(error.message).toContain(`(pid ${process.pid})`);
    expect(error.fix).toMatch(which === 'port' ? / --port \d+( |$)/ : / --idp-port \d+$/);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('a folder that may not be written', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write everywhere');
    await chmod(cwd, 0o500);
    expect(await failureOf(create({ folder: 'x', yes: true }))).toMatchObject({ code: 'NO_PERMISSION' });
    await chmod(cwd, 0o700);
  });

  test('of two at once one wins and the other refuses', async () => {
    const results = await Promise.allSettled([create({ folder: 'x', yes: true }), create({ folder: 'x', yes: true })]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = results.find((result) => result.status === 'rejected');
    expect(failed?.reason).toMatchObject({ code: expect.stringMatching(/^FOLDER_TAKEN$/) });
    expect(await readdir(cwd)).toEqual(['x']);
    expect((await loadProject(join(cwd, 'x'), {})).parsed.problems).toEqual([]);
  });

  test('kill -9 at any moment leaves a whole project or none', async () => {
    // The last one is never reached by the signal, so that the others are known to be killed at work.
    for (const delay of [0, 120, 160, 200, 240, 300, 20_000]) {
      const folder = `k${delay}`;
      const words = ['create', folder, '--yes', '--port', String(ports.port), '--idp-port', String(ports.idpPort)];
      const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/start.ts'), ...words], {
        cwd,
        stdio: 'ignore',
      });
      const exited = once(child, 'exit');
      await Promise.race([exited, new Promise((done) => void setTimeout(done, delay))]);
      child.kill('SIGKILL');
      await exited;
      const there = await readdir(join(cwd, folder)).catch(() => undefined);
      expect([undefined, FILES.length], `${delay} ms: ${String(there)}`).toContain(there?.length);
      if (delay === 20_000) expect(there).toHaveLength(FILES.length);
    }
  });
});

const usable = async (): Promise<DockerVerdict> => ({ usable: true, endpoint: 'unix:///var/run/docker.sock' });
const unasked = async (): Promise<DockerVerdict> => Promise.reject(new Error('Docker was looked for'));

describe('the engine', () => {
  test('is Docker where it runs, and create says so', async () => {
    const result = await create({ folder: 'x', yes: true, docker: usable });
    expect(result.engine).toBe('docker');
    expect(result.notes[0]).toMatch(/^engine: docker/);
    expect((await loadProject(join(cwd, 'x'), {})).settings.engine).toBe('docker');
  });

  test('is embedded elsewhere, with the reason', async () => {
    const result = await create({ folder: 'x', yes: true });
    expect(result.engine).toBe('embedded');
    expect(result.notes[0]).toBe('engine: embedded. Docker is not used, since its engine does not run');
  });

  test.each([
    ['flag', { engine: 'native' }, {}, 'native'],
    ['environment', {}, { MCPGW_ENGINE: 'embedded' }, 'embedded'],
    ['flag before environment', { engine: 'docker' }, { MCPGW_ENGINE: 'native' }, 'docker'],
  ])('by %s is not looked for', async (_name, options, env, engine) => {
    const result = await create({ folder: 'x', yes: true, docker: unasked, ...options }, { env });
    expect(result.engine).toBe(engine);
    expect(result.notes.some((note) => note.startsWith('engine:'))).toBe(false);
  });

  test('of a project that is there stays', async () => {
    await create({ folder: 'x', yes: true });
    const again = await create({ folder: 'x', yes: true, docker: usable });
    expect(again).toMatchObject({ kind: 'compared', engine: 'embedded' });
  });
});

describe('--dry-run', () => {
  test('prints every file with masked secrets and writes nothing', async () => {
    const result = await create({ folder: 'x', yes: true, dryRun: true });
    const text = screen(result, STYLE);
    expect(result.kind).toBe('planned');
    for (const name of ['pomerium-config.yaml', 'docker-compose.yaml', '.env', 'data/library.sqlite'])
      expect(text).toContain(`# ${name}\n`);
    expect(text).toContain('SHARED_SECRET=********\n');
    expect(text).toContain('nothing was.');
    expect(await readdir(cwd)).toEqual([]);
  });
});

/** Runs create inside the project `x`. */
function again(options: CreateOptions = {}): Promise<CreateResult> {
  return run(testContext({ cwd: join(cwd, 'x') }), { lookup, ...options });
}

/** Every file of the project `x`. */
async function snapshot(): Promise<Record<string, string>> {
  const all = await readdir(join(cwd, 'x'), { recursive: true, withFileTypes: true });
  const entries = all
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file, (await readFile(file)).toString('base64')] as const;
    });
  return Object.fromEntries(await Promise.all(entries));
}

describe('again in its own project', () => {
  beforeEach(async () => {
    await create({ folder: 'x', yes: true, allow: '@acme.com', servers: ['sqlite', 'whoami'] });
  });

  test('nothing to do: says so, asks nothing, changes nothing, even while its gateway holds the port', async () => {
    const server = createServer();
    await new Promise<void>((done) => void server.listen(ports.port, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const before = await snapshot();
    const result = await again();
    expect(result.kind).toBe('compared');
    expect(result.files.map((file) => file.action)).toEqual(result.files.map(() => 'same'));
    expect(screen(result, STYLE)).toContain('The project is as create would make it.');
    expect(await snapshot()).toEqual(before);
  });

  test('edits are kept and shown as a difference', async () => {
    const file = join(cwd, 'x/pomerium-config.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('- goose-docs.ai', '- mine.example.com'));
    const before = await snapshot();
    const result = await again({ yes: true });
    const config = result.files.find((one) => one.path === 'pomerium-config.yaml');
    expect(config).toMatchObject({ action: 'keep' });
    expect(config?.diff).toContain('-  - mine.example.com\n+  - goose-docs.ai');
    expect(screen(result, STYLE)).toContain('1 file differs; your edits were kept.');
    expect(await snapshot()).toEqual(before);
  });

  test('another port is shown and not taken over', async () => {
    const before = await snapshot();
    const result = await again({ port: 7443 });
    expect(result.files.filter((file) => file.action === 'keep').map((file) => file.path)).toEqual([
      'pomerium-config.yaml',
      'docker-compose.yaml',
      'README.md',
    ]);
    expect(await snapshot()).toEqual(before);
  });

  test('missing files are added, secrets that are there stay', async () => {
    const env = await readFile(join(cwd, 'x/.env'), 'utf8');
    await rm(join(cwd, 'x/README.md'));
    await rm(join(cwd, 'x/data'), { recursive: true });
    await writeFile(join(cwd, 'x/.env'), env.replace(/^COOKIE_SECRET=.*$/m, 'MINE=1'));
    const result = await again();
    expect(result.files.filter((file) => file.action !== 'same')).toEqual([
      { path: '.env', action: 'extend', added: ['COOKIE_SECRET'] },
      { path: 'README.md', action: 'write' },
      { path: 'data/library.sqlite', action: 'write' },
    ]);
    const after = await readFile(join(cwd, 'x/.env'), 'utf8');
    expect(after).toMatch(/^MINE=1$/m);
    expect(after).toContain(/^SHARED_SECRET=.*$/m.exec(env)?.[0]);
    expect((await stat(join(cwd, 'x/.env'))).mode & 0o777).toBe(0o600);
    expect((await again()).files.every((file) => file.action === 'same')).toBe(true);
  });

  test('after a clone, .env comes back with new secrets', async () => {
    await rm(join(cwd, 'x/.env'));
    expect((await again({ yes: true })).files.find((file) => file.path === '.env')).toEqual({
      path: '.env',
      action: 'write',
    });
    expect((await loadProject(join(cwd, 'x'), {})).parsed.problems).toEqual([]);
  });

  test('--dry-run tells and does nothing', async () => {
    await rm(join(cwd, 'x/README.md'));
    const before = await snapshot();
    const result = await again({ dryRun: true });
    expect(screen(result, STYLE)).toContain('+ README.md   would be added');
    expect(await snapshot()).toEqual(before);
  });

  test('a broken compose file is told with its line', async () => {
    await writeFile(join(cwd, 'x/docker-compose.yaml'), 'x-mcpgw:\n  port: [\n');
    expect(await failureOf(again())).toMatchObject({
      code: 'YAML_SYNTAX',
      message: expect.stringMatching(/^docker-compose\.yaml:\d+:\d+: /),
    });
  });
});

describe('screen', () => {
  test('what was made and the next commands, within 80 columns', async () => {
    const result = await create({ folder: "it's mine", yes: true });
    const text = screen(result, STYLE).replaceAll(String(ports.port), '8443');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text).toMatchInlineSnapshot(`
      "✓ it's mine
        pomerium-config.yaml   routes and policies; edit it
        docker-compose.yaml    services, users, settings; edit it
        .env                   secrets, for this machine only
        .env.example           the same without secrets, to be committed
        .gitignore             keeps secrets and state out of git
        README.md              what this project is
        data/library.sqlite    sample database

      whoami   https://whoami.localhost:8443   anyone signed in
      sqlite   https://sqlite.localhost:8443   anyone signed in

      engine: embedded. Docker is not used, since its engine does not run
      names: *.localhost; they lead to this machine

      Next    cd 'it'\\''s mine'
              mcpgw up             start it
              mcpgw token whoami   sign in; prints an External Token
              mcpgw tools whoami   what the server offers
      "
    `);
  });

  test('a public project says what is left to do', async () => {
    const result = await create({
      folder: 'pub',
      domain: 'mcp.acme.com',
      allow: 'ann@acme.com',
      port: 443,
      idpPort: 9080,
    });
    expect(screen({ ...result, notes: [] }, STYLE)).toMatchInlineSnapshot(`
      "✓ pub
        pomerium-config.yaml   routes and policies; edit it
        docker-compose.yaml    services, users, settings; edit it
        .env                   secrets, for this machine only
        .env.example           the same without secrets, to be committed
        .gitignore             keeps secrets and state out of git
        README.md              what this project is
        data/library.sqlite    sample database

      whoami   https://whoami.mcp.acme.com   ann@acme.com
      sqlite   https://sqlite.mcp.acme.com   ann@acme.com

      Next    cd pub
              DNS records for authenticate.mcp.acme.com, whoami.mcp.acme.com,
              sqlite.mcp.acme.com
              fill in YOUR-... in pomerium-config.yaml, IDP_CLIENT_SECRET in .env
              mcpgw up   start it, on that machine
      "
    `);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { docker, dockerProject, type DockerProject } from '../helpers/docker-project.ts';
import { PROGRAM, runProgram } from '../helpers/program.ts';

const SERVICES = ['postgres', 'pomerium', 'mcp-servers', 'idp'];

/** What whoami says to a development user. */
async function whoami(scene: DockerProject, user: string): Promise<string> {
  const { stdout, stderr } = await scene.run('call', 'whoami', 'whoami', '--as', user);
  return stdout + stderr;
}

/** An `up` of a person at a terminal, who may press Ctrl+C. */
function startUp({ folder }: DockerProject): { interrupt(): void; said: () => string; ended: Promise<number | null> } {
  const env = { ...process.env, MCPGW_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const child = spawn(process.execPath, [PROGRAM, 'up'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { interrupt: () => void child.kill('SIGINT'), said: () => said, ended };
}

describe('the docker engine', () => {
  test('up, token, call, edits, down: data stays until it is given up, and then nothing is left', async ({ skip }) => {
    const scene = await dockerProject(skip, 'golden');
    expect((await scene.json(0, 'up', '--dry-run'))['steps']).toContain(`start ${SERVICES.join(', ')}`);
    expect(await scene.leftovers()).toEqual([]);

    const first = await scene.run('up');
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stderr).toMatch(
      /✓ certificate .*\n(✓ images .*\n)?✓ postgres .*\n✓ pomerium .*\n✓ mcp-servers .*\n✓ idp .*\n✓ calls +whoami: 1 tool as admin, sqlite: 4 tools as admin/,
    );
    expect(first.stdout).toContain(`https://whoami.localhost:${scene.port}   1 tool `);

    const status = await scene.json(0, 'status');
    expect(status).toMatchObject({
      engine: 'docker',
      state: 'running',
      pending: [],
      gateway: { address: `127.0.0.1:${scene.port}` },
      certificate: { names: expect.arrayContaining(['whoami.localhost', 'authenticate.localhost']) as unknown },
      services: SERVICES.map((name) => ({
        name,
        state: 'running',
        health: 'healthy',
        restarts: 0,
        image: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown },
      })),
    });

    expect((await scene.run('token', 'whoami', '--as', 'member')).stdout).toMatch(/^\S{40,}$/m);
    expect(await whoami(scene, 'member')).toContain('member@example.com');
    expect(await scene.json(0, 'status')).toMatchObject({ users: [{ email: 'member@example.com' }] });

    const before = await scene.containers();
    expect(await scene.json(0, 'up')).toMatchObject({ kind: 'unchanged', steps: [] });

    await scene.edit('pomerium-config.yaml', (text) =>
      text.replaceAll('authenticated_user: true', 'email: {is: member@example.com}'),
    );
    expect(await scene.json(0, 'up')).toMatchObject({
      kind: 'changed',
      steps: ['reload pomerium: pomerium-config.yaml changed; it takes it over by itself'],
    });
    expect(await scene.containers()).toEqual(before);
    expect(await whoami(scene, 'guest')).toContain('POLICY_DENIED');

    const config = join(scene.folder, 'pomerium-config.yaml');
    await writeFile(
      `${config}.new`,
      (await readFile(config, 'utf8')).replaceAll('member@example.com', 'guest@example.com'),
    );
    await rename(`${config}.new`, config);
    const replaced = ['restart pomerium: an editor replaced pomerium-config.yaml under its mount'];
    expect(await scene.json(0, 'status')).toMatchObject({ pending: replaced });
    expect(await scene.json(0, 'up')).toMatchObject({ kind: 'changed', steps: replaced, status: { pending: [] } });
    expect(await scene.containers()).toEqual(before);
    expect(await whoami(scene, 'guest')).toContain('guest@example.com');

    expect(await scene.json(0, 'down')).toMatchObject({ stopped: SERVICES.toSorted() });
    expect(await scene.json(3, 'status')).toMatchObject({ state: 'stopped' });
    expect(await scene.leftovers()).toEqual([`${scene.name}_idp-state`, `${scene.name}_postgres-data`]);
    expect(await scene.json(2, 'down', '--volumes')).toMatchObject({ error: { code: 'USAGE' } });
    expect(await scene.json(0, 'down', '--volumes', '--yes')).toMatchObject({
      deleted: [`${scene.name}_idp-state`, `${scene.name}_postgres-data`],
    });
    expect(await scene.leftovers()).toEqual([]);
  });

  test('the same files work without mcpgw, and mcpgw takes over what runs', async ({ skip }) => {
    const scene = await dockerProject(skip, 'compose');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    expect(await scene.run('down')).toMatchObject({ code: 0 });
    const byHand = await runProgram('docker', ['compose', 'up', '--detach', '--wait'], { cwd: scene.folder });
    expect(byHand, byHand.stderr).toMatchObject({ code: 0 });
    const before = await scene.containers();
    expect(await scene.json(0, 'up')).toMatchObject({ kind: 'unchanged', steps: [] });
    expect(await scene.containers()).toEqual(before);
    expect(await whoami(scene, 'admin')).toContain('admin@example.com');
  });

  test('sessions and clients outlive a restart, and one service can be restarted alone', async ({ skip }) => {
    const scene = await dockerProject(skip, 'restart');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    const token = (await scene.run('token', 'whoami', '--as', 'member')).stdout.trim();
    const before = await scene.containers();
    expect(await scene.json(0, 'restart', 'mcp-servers')).toMatchObject({
      restarted: ['mcp-servers'],
      status: { state: 'running' },
    });
    expect(await scene.containers()).toEqual(before);
    expect(await scene.json(0, 'restart')).toMatchObject({ restarted: SERVICES, status: { state: 'running' } });
    const again = await scene.json(0, 'token', 'whoami', '--as', 'member');
    expect(again).toMatchObject({ from: 'cache', accessToken: token });
    expect(await whoami(scene, 'member')).toContain('member@example.com');
    expect((await scene.json(0, 'token', 'whoami', '--as', 'member'))['accessToken']).toBe(token);
    expect(await scene.json(1, 'restart', 'mcp-server')).toMatchObject({ error: { code: 'NO_SUCH_SERVICE' } });

    // With the data go the tokens: nobody is given one from before.
    expect(await scene.run('down', '--volumes', '--yes')).toMatchObject({ code: 0 });
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    expect(await scene.json(0, 'token', 'whoami', '--as', 'member')).toMatchObject({ from: 'sign-in' });
  });

  test('a container that dies comes back by its restart policy, and status says so', async ({ skip }) => {
    const scene = await dockerProject(skip, 'killed');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    const { idp = '' } = await scene.containers();
    await docker('exec', idp, 'node', '-e', 'process.kill(1, "SIGTERM")');
    await vi.waitFor(
      async () =>
        expect(await docker('inspect', '--format', '{{.State.Status}} {{.RestartCount}}', idp)).toBe('running 1'),
      20_000,
    );
    const { stdout } = await scene.run('status');
    expect(stdout).toMatch(/✓ idp +running +127\.0\.0\.1:\d+ {3}restarted once/);

    // One that somebody killed on purpose stays away: that is Docker's rule, and `up` mends it.
    const { 'mcp-servers': servers = '' } = await scene.containers();
    await docker('kill', servers);
    const after = await scene.json(3, 'status');
    expect(after).toMatchObject({ state: 'unhealthy', pending: ['start mcp-servers: it has ended (exit code 137)'] });
    expect(await scene.json(0, 'up')).toMatchObject({
      kind: 'changed',
      steps: ['start mcp-servers: it has ended (exit code 137)'],
    });
    expect(await whoami(scene, 'member')).toContain('member@example.com');
  });

  test('a service that fails is told with its last lines; nothing is removed, and the mended file is taken up', async ({
    skip,
  }) => {
    const scene = await dockerProject(skip, 'fails');
    await scene.edit('docker-compose.yaml', (text) =>
      text.replace('command: [serve, whoami, sqlite]', 'command: [serve, nosuch]'),
    );
    const failed = await scene.run('up');
    expect(failed).toMatchObject({ code: 3 });
    expect(failed.stderr).toMatch(/✗ mcp-servers .*exit code 2/);
    expect(failed.stderr).toContain('nosuch');
    expect(failed.stderr).toContain('SERVICE_FAILED');
    expect(Object.keys(await scene.containers()).toSorted()).toEqual(SERVICES.toSorted());
    await scene.edit('docker-compose.yaml', (text) =>
      text.replace('command: [serve, nosuch]', 'command: [serve, whoami, sqlite]'),
    );
    expect(await scene.json(0, 'up')).toMatchObject({
      kind: 'changed',
      steps: expect.arrayContaining(['restart mcp-servers: its settings changed']) as unknown,
      status: { state: 'running' },
    });
  });

  test('development users that are edited reach the identity provider', async ({ skip }) => {
    const scene = await dockerProject(skip, 'users');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    await scene.edit('docker-compose.yaml', (text) => text.replace('name: Gil Guest', 'name: Gil Visitor'));
    expect(await scene.json(0, 'up')).toMatchObject({ steps: ['restart idp: its settings changed'] });
    expect(await whoami(scene, 'guest')).toContain('Gil Visitor');
  });

  test('Ctrl+C ends the waiting and not the start', async ({ skip }) => {
    const scene = await dockerProject(skip, 'interrupted');
    const up = startUp(scene);
    await vi.waitFor(async () => expect(Object.keys(await scene.containers())).not.toEqual([]), 30_000);
    up.interrupt();
    expect(await up.ended, up.said()).toBe(130);
    expect(up.said()).toContain('what was started goes on');
    expect(await scene.json(0, 'up')).toMatchObject({ status: { state: 'running' } });
  });

  test('down in the middle of a start leaves nothing behind', async ({ skip }) => {
    const scene = await dockerProject(skip, 'midstart');
    const up = startUp(scene);
    await vi.waitFor(async () => expect(Object.keys(await scene.containers())).not.toEqual([]), 30_000);
    up.interrupt();
    await up.ended;
    expect(await scene.run('down', '--volumes', '--yes')).toMatchObject({ code: 0 });
    expect(await scene.leftovers()).toEqual([]);
    // Compose, which was still at work, does not bring it back.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await scene.leftovers()).toEqual([]);
  });

  test('two projects run side by side, and neither touches the other', async ({ skip }) => {
    const [one, two] = [await dockerProject(skip, 'one'), await dockerProject(skip, 'two')];
    for (const ran of await Promise.all([one.run('up'), two.run('up')]))
      expect(ran, ran.stderr).toMatchObject({ code: 0 });
    expect(await whoami(one, 'member')).toContain('member@example.com');
    expect(await whoami(two, 'admin')).toContain('admin@example.com');

    await two.edit('docker-compose.yaml', (text) => text.replace(`name: ${two.name}`, `name: ${one.name}`));
    expect(await two.json(1, 'up')).toMatchObject({
      error: { code: 'PROJECT_NAME_TAKEN', message: expect.stringContaining(one.folder) as unknown },
    });
    await two.edit('docker-compose.yaml', (text) => text.replace(`name: ${one.name}`, `name: ${two.name}`));

    expect(await one.run('down', '--volumes', '--yes')).toMatchObject({ code: 0 });
    expect(await one.leftovers()).toEqual([]);
    expect(await two.json(0, 'status')).toMatchObject({ state: 'running' });
  });

  test('a port that a container of others holds is named with it, and nothing is begun', async ({ skip }) => {
    const [holder, scene] = [await dockerProject(skip, 'holder'), await dockerProject(skip, 'wants')];
    expect(await holder.run('up')).toMatchObject({ code: 0 });
    await scene.edit('docker-compose.yaml', (text) =>
      text.replaceAll(`${scene.idpPort}:${scene.idpPort}`, `${holder.idpPort}:${scene.idpPort}`),
    );
    const busy = await scene.json(1, 'up');
    expect(busy).toMatchObject({
      error: { code: 'PORT_BUSY', message: expect.stringContaining(`${holder.name}-idp-1`) as unknown },
    });
    expect(await scene.leftovers()).toEqual([]);
  });

  test('logs and down work from the labels when the files are broken or gone', async ({ skip }) => {
    const scene = await dockerProject(skip, 'labels');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    await whoami(scene, 'member');
    const access = await scene.run('logs', 'gateway', '--access', '--since', '1m');
    expect(access.stdout).toMatch(
      /pomerium +member@example\.com {2}whoami {2}tools\/call whoami {2}allowed {2}200 {2}\d+ ms/,
    );
    expect((await scene.run('logs')).stdout).toMatch(/postgres[^]*mcp-servers|mcp-servers[^]*postgres/);

    await writeFile(join(scene.folder, 'docker-compose.yaml'), 'x-mcpgw: [broken\n');
    await rm(join(scene.folder, '.env'));
    const status = await scene.json(0, 'status');
    expect(status).toMatchObject({
      pending: [expect.stringMatching(/^nothing: (docker-compose\.yaml|\.env)/) as unknown],
    });
    expect((await scene.run('logs', 'mcp-servers')).stdout).toContain('tool call');
    expect(await scene.json(0, 'down', '--volumes', '--yes')).toMatchObject({ stopped: SERVICES.toSorted() });
    expect(await scene.leftovers()).toEqual([]);
  });

  test('an image that is not here is named, with --pull never and without a network', async ({ skip }) => {
    const scene = await dockerProject(skip, 'image');
    await scene.edit('.env', (text) => text.replace(/^POSTGRES_IMAGE=.*$/m, 'POSTGRES_IMAGE=127.0.0.1:1/nosuch:17'));
    expect(await scene.json(1, 'up', '--pull', 'never')).toMatchObject({
      error: { code: 'IMAGE_NOT_FOUND', message: expect.stringContaining('127.0.0.1:1/nosuch:17') as unknown },
    });
    expect(await scene.json(1, 'up')).toMatchObject({ error: { code: 'REGISTRY_UNREACHABLE' } });
    expect(await scene.json(2, 'up', '--pull', 'often')).toMatchObject({ error: { code: 'USAGE' } });
    expect(await scene.leftovers()).toEqual([]);
  });

  test('a database that keeps another password is told as such', async ({ skip }) => {
    const scene = await dockerProject(skip, 'password');
    expect(await scene.run('up')).toMatchObject({ code: 0 });
    expect(await scene.run('down')).toMatchObject({ code: 0 });
    await scene.edit('.env', (text) => text.replace(/^POSTGRES_PASSWORD=.*$/m, `POSTGRES_PASSWORD=${'0'.repeat(32)}`));
    const failed = await scene.json(3, 'up');
    expect(failed).toMatchObject({ error: { code: 'DATABASE_PASSWORD' } });
    expect(await scene.leftovers()).toContain(`${scene.name}_postgres-data`);
  });

  test('an engine that is down is told apart from a project that does not run', async ({ skip }) => {
    const scene = await dockerProject(skip, 'down');
    const nobody = { cwd: scene.folder, env: { DOCKER_HOST: 'unix:///nonexistent.sock', NO_COLOR: '1' } };
    for (const command of ['up', 'status', 'down']) {
      const ran = await runProgram(process.execPath, [PROGRAM, command], nobody);
      expect(ran.stderr, command).toContain('DOCKER_DOWN');
    }
  });
});

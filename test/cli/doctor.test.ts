import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as doctor from '../../src/commands/doctor.ts';
import * as down from '../../src/commands/down.ts';
import * as up from '../../src/commands/up.ts';
import type { World } from '../../src/context-node.ts';
import { CHECKS } from '../../src/doctor/checks/index.ts';
import { run } from '../../src/main.ts';
import { ROOT, runProgram, temporaryFolder } from '../helpers/program.ts';
import { createPlace, findingOf, type Place } from '../unit/doctor/world.ts';

const START = join(ROOT, 'src/start.ts');

/** A project that runs, with its engine from source. */
async function startPlace(name: string, servers?: string[]): Promise<Place> {
  const place = await createPlace(name, servers);
  onTestFinished(async () => {
    await down.run(place.context(), {});
  });
  await up.run(place.context(), {});
  return place;
}

function written(stream: PassThrough): string {
  return String((stream.read() as Buffer | null) ?? '');
}

/** One command line through the program's own frame. */
async function mcpgw(
  place: Pick<Place, 'folder' | 'context'>,
  line: string,
): Promise<{ exit: number; out: string; err: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const world: World = {
    cwd: place.folder,
    env: place.context().env,
    // The frame reads no more of it than that it is no terminal.
    stdin: stdin as unknown as World['stdin'],
    stdout,
    stderr,
    execPath: process.execPath,
    signal: new AbortController().signal,
  };
  const exit = await run(line.split(' '), world);
  return { exit, out: written(stdout), err: written(stderr) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const POLICY = /^ {4}policy:\n(?: {6}.*\n)+/m;
const policy = (rule: string): string => `    policy:\n      - allow: { or: [${rule}] }\n`;

describe('doctor on a running project', () => {
  test('finds all well, by a sign-in and a call of its own that leave the user’s tokens alone', async () => {
    const place = await startPlace('well', ['whoami', 'sqlite']);
    const result = await doctor.run(place.context(), { strict: true });
    const bad = result.checks.filter(({ finding }) => finding.kind === 'warning' || finding.kind === 'failure');
    expect(bad).toEqual([]);
    expect(doctor.exitOf(result)).toBe(0);
    expect(findingOf(result.checks, 'TOL-01')).toEqual({ kind: 'ok', text: 'whoami 1 tool, sqlite 4 tools' });
    expect(findingOf(result.checks, 'TOL-02')).toEqual({ kind: 'ok', text: 'whoami of whoami, as admin' });

    const state = String(place.context().env['MCPGW_STATE_DIR']);
    expect(existsSync(join(state, 'tokens'))).toBe(false);
    expect(await readdir(join(state, 'doctor/tokens'))).toEqual([]);
    const clients = await readdir(join(state, 'doctor/clients'));
    await doctor.run(place.context(), { only: ['sign-in'] });
    expect(await readdir(join(state, 'doctor/clients'))).toEqual(clients);

    const shown = await mcpgw(place, 'doctor -v');
    expect(shown).toMatchObject({ exit: 0, err: '' });
    expect(shown.out).not.toMatch(/Bearer|access_token/);
    for (const line of (await readFile(join(place.folder, '.env'), 'utf8')).split('\n')) {
      const secret = /^[A-Z_]*(?:SECRET|KEY|PASSWORD)=(.+)$/.exec(line)?.[1];
      if (secret) expect(shown.out).not.toContain(secret);
    }
  });

  test('tells a changed file that is not in force; --strict makes it count', async () => {
    const place = await startPlace('stale');
    await place.edit('.env', (text) =>
      text.replace(/^SHARED_SECRET=.*$/m, `SHARED_SECRET=${Buffer.alloc(32, 9).toString('base64')}`),
    );
    const finding = await place.finding('GTW-03');
    expect(finding).toMatchObject({
      kind: 'warning',
      text: expect.stringMatching(/^not in force: .*secrets changed/) as unknown,
      fix: 'mcpgw up',
    });
    expect((await mcpgw(place, 'doctor --only GTW-03')).exit).toBe(0);
    expect((await mcpgw(place, 'doctor --only GTW-03 --strict')).exit).toBe(3);
    await up.run(place.context(), {});
    expect(await place.finding('GTW-03')).toMatchObject({ kind: 'ok' });
  });

  test('tells a policy that refuses every development user, with its line', async () => {
    const place = await startPlace('refused');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace(POLICY, policy('{ email: { is: nobody@example.org } }')),
    );
    await up.run(place.context(), {});
    const { checks } = await doctor.run(place.context(), { only: ['tools'] });
    expect(findingOf(checks, 'SGN-02')).toMatchObject({ kind: 'ok' });
    expect(findingOf(checks, 'TOL-01')).toEqual({
      kind: 'failure',
      text: 'whoami: the policy lets no development user in',
      fix: expect.stringMatching(/^edit the policy in pomerium-config\.yaml at line \d+\nmcpgw up$/) as unknown,
      evidence: [],
    });
    expect(findingOf(checks, 'TOL-02')).toEqual({ kind: 'skipped', reason: 'needs TOL-01, which failed' });
  });

  test('tells a policy for tools that shuts out the list of tools, and one that lets in the second user only', async () => {
    const place = await startPlace('tools');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace(
        POLICY,
        '    policy:\n      - allow: { and: [{ authenticated_user: true }, { mcp_tool: { is: whoami } }] }\n',
      ),
    );
    await up.run(place.context(), {});
    expect(await place.finding('FIL-03')).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining('`mcp_tool` stands under `allow`') as unknown,
    });
    expect(await place.finding('TOL-01')).toMatchObject({
      kind: 'failure',
      text: 'whoami: mcp_tool under allow shuts out tools/list, so no client finds the tools',
    });
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace(POLICY, policy('{ email: { is: member@example.com } }')),
    );
    await up.run(place.context(), {});
    expect(await place.finding('TOL-02')).toEqual({ kind: 'ok', text: 'whoami of whoami, as member' });
  });

  test('tells a server behind the gateway that does not answer', async () => {
    const place = await startPlace('upstream');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace(/^ {4}to: .*$/m, '    to: http://127.0.0.1:1/whoami'),
    );
    await up.run(place.context(), {});
    expect(await place.finding('TOL-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^whoami: .*503/) as unknown,
      fix: 'mcpgw logs    # what the server and the gateway say',
    });
  });

  test('tells an engine that runs and does not answer', async () => {
    const place = await startPlace('frozen');
    const { pid } = JSON.parse(await readFile(join(place.folder, '.mcpgw/engine.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => void process.kill(pid, 'SIGCONT'));
    expect(await place.finding('PRT-01')).toEqual({
      kind: 'failure',
      text: 'the engine runs but does not answer',
      fix: 'mcpgw restart',
    });
  });

  test('tells a gateway that died as one that does not run', async () => {
    const place = await startPlace('dead');
    const { pid } = JSON.parse(await readFile(join(place.folder, '.mcpgw/engine.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect
      .poll(async () => place.finding('GTW-01'))
      .toMatchObject({ text: 'the gateway is not running', fix: 'mcpgw up' });
  });

  test('a project without a development user cannot be signed in at', async () => {
    const place = await startPlace('nobody');
    await place.edit('docker-compose.yaml', (text) => text.replace(/^ {2}users:\n(?: {4}.*\n)+/m, '  users: {}\n'));
    expect(await place.finding('SGN-02')).toMatchObject({ kind: 'failure', text: 'there is no development user' });
  });
});

describe('doctor’s command line', () => {
  test('in an empty folder: one failure with its fix, exit 3, and the same as one JSON document', async () => {
    const folder = await temporaryFolder('empty');
    const place = { folder, context: () => ({ env: { MCPGW_STATE_DIR: join(folder, 'state') } }) as never };
    const shown = await mcpgw(place, 'doctor');
    expect(shown).toMatchObject({ exit: 3, err: '' });
    expect(shown.out.replace(folder, '/empty').replace(/in \d+ ms/, 'in 9 ms')).toMatchInlineSnapshot(`
      "Machine ✓ 8 - 1   Files ✗ 1 - 13   Secrets - 8   Docker - 12   Port - 4
      DNS - 8   Certificate - 7   Issuance - 10   Gateway - 5   Log - 7   Metadata - 7
      Registration - 3   Sign-in - 7   Token - 4   Policy - 5   Tools - 9
      Upstream - 7   Clients - 13
      ✗ FIL-01  there is no project in /empty or above it
                → npx create-mcp-gateway my-gateway    # or cd into the project folder
      139 checks in 9 ms: 8 passed, 1 failed, 130 skipped. Details: mcpgw doctor -v
      "
    `);
    const data = await mcpgw(place, 'doctor --json');
    expect(data.exit).toBe(3);
    expect(JSON.parse(data.out)).toMatchObject({ ok: false, summary: { failed: 1, warnings: 0 } });
  });

  test('--only and --skip take ids and areas in any case, and bring along what is needed', async () => {
    const place = await createPlace('only');
    const ids = async (options: doctor.DoctorOptions): Promise<string[]> =>
      (await doctor.run(place.context(), options)).checks.map(({ id }) => id);
    expect(await ids({ only: ['Policy'], skip: ['port'] })).toEqual(
      expect.arrayContaining(['FIL-01', 'POL-01', 'POL-05']),
    );
    expect(await ids({ only: ['fil-03'] })).toEqual(['FIL-01', 'FIL-02', 'FIL-03']);
    expect(await ids({ only: ['mac-01', 'MAC-03', 'sec-02'], skip: ['FIL-01'] })).toEqual([
      'MAC-01',
      'MAC-03',
      'FIL-02',
      'SEC-02',
    ]);
  });

  test.each([
    ['certficate', 'certificate'],
    ['GTW-09', 'GTW-0'],
    ['signin', 'sign-in'],
  ])('%s is a slip of %s: exit 2', async (word, meant) => {
    const place = await createPlace('slip');
    for (const flag of ['only', 'skip'] as const) {
      await expect(doctor.run(place.context(), { [flag]: [word] })).rejects.toMatchObject({
        code: 'USAGE',
        exit: 2,
        message: expect.stringContaining(`did you mean \`${meant}`) as unknown,
        fix: expect.stringContaining(`mcpgw doctor --${flag} ${meant}`) as unknown,
      });
    }
  });

  test('a word that is near nothing leads to the list; a choice that leaves nothing is a usage error', async () => {
    const place = await createPlace('far');
    await expect(doctor.run(place.context(), { only: ['elephant'] })).rejects.toMatchObject({
      fix: 'mcpgw doctor --list',
    });
    await expect(doctor.run(place.context(), { only: ['port'], skip: ['port', 'files'] })).rejects.toMatchObject({
      exit: 2,
    });
  });

  test('--skip of the project check in an empty folder says what is missing, and nothing crashes', async () => {
    const folder = await temporaryFolder('skip');
    const place = await createPlace('skip');
    const { checks } = await doctor.run(place.context({ cwd: folder }), { skip: ['FIL-01'] });
    expect(findingOf(checks, 'FIL-02')).toEqual({
      kind: 'skipped',
      reason: `there is no project in ${folder} or above it`,
    });
  });

  test('--list runs nothing and names every check', async () => {
    const place = await createPlace('list');
    const result = await doctor.run(place.context(), { list: true });
    expect(result.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
    expect(doctor.exitOf(result)).toBe(0);
    const { exit, out } = await mcpgw(place, 'doctor --list --json');
    expect(exit).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, listed: true });
  });

  test('needs no stdin', async () => {
    const place = await createPlace('closed');
    const env = place.context().env;
    const ran = await runProgram('sh', ['-c', `"${process.execPath}" "${START}" doctor --json <&-`], {
      cwd: place.folder,
      env,
    });
    expect(ran).toMatchObject({ code: 3, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false });
  });

  test('Ctrl+C ends it at once with 130, whatever hangs', async () => {
    const place = await createPlace('interrupted');
    const connected = Promise.withResolvers<void>();
    const silent = createServer(() => connected.resolve()).listen(place.port, '127.0.0.1');
    onTestFinished(() => void silent.close());
    const child = spawn(process.execPath, [START, 'doctor', '--only', 'port'], {
      cwd: place.folder,
      env: { ...place.context().env, MCPGW_NO_UPDATE_NOTIFIER: '1' },
    });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    await connected.promise;
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect([code, Buffer.concat(errors).toString()]).toEqual([130, expect.stringContaining('INTERRUPTED')]);
  });
});

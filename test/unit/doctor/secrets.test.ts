import { execFileSync } from 'node:child_process';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as doctor from '../../../src/commands/doctor.ts';
import { loadProject } from '../../../src/project/index.ts';
import { createPlace, findingOf, patientAt, runCheck, type Place } from './world.ts';

/** Runs the line that a check advises, as a reader would. */
function paste(place: Place, line: string): void {
  execFileSync('sh', ['-c', line.replace(/ && mcpgw up$/, '')], {
    cwd: place.folder,
    env: place.context().env,
  });
}

function git(place: Place, ...args: string[]): void {
  execFileSync('git', args, { cwd: place.folder, env: place.context().env });
}

const fixOf = (finding: object): string => ('fix' in finding ? String(finding.fix) : '');

const hasGit = ((): boolean => {
  try {
    execFileSync('git', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe('secrets in .env', () => {
  test('are well after create', async () => {
    const place = await createPlace('well');
    expect(await place.finding('SEC-01')).toEqual({ kind: 'ok', text: '4 secrets in .env' });
    expect(await place.finding('SEC-02')).toEqual({ kind: 'ok', text: 'mode 0600' });
  });

  test('one that is missing is told, and create adds it and keeps the rest', async () => {
    const place = await createPlace('missing');
    const before = (await loadProject(place.folder, {})).secrets;
    await place.edit('.env', (text) =>
      text.replace(/^SHARED_SECRET=.*$/m, '').replace(/^SIGNING_KEY=.*$/m, 'SIGNING_KEY='),
    );
    expect(await place.finding('SEC-01', { cwd: join(place.folder, 'data') })).toMatchObject({
      kind: 'failure',
      text: '.env lacks SHARED_SECRET, SIGNING_KEY; without fixed secrets every restart ends all sessions',
      fix: 'mcpgw create .. --yes    # adds what is missing, keeps the rest',
    });
    const create = await import('../../../src/commands/create.ts');
    await create.run(place.context(), { folder: '.', yes: true });
    expect(await place.finding('SEC-01')).toMatchObject({ kind: 'ok' });
    expect((await loadProject(place.folder, {})).secrets['COOKIE_SECRET']).toBe(before['COOKIE_SECRET']);
  });

  test.each([
    ['SHARED_SECRET', 'short'],
    ['SHARED_SECRET', Buffer.alloc(31, 1).toString('base64')],
    ['COOKIE_SECRET', 'no base64 at all, and long enough for 32 bytes'],
    ['SIGNING_KEY', 'bm9wZQ=='],
  ])('%s of the wrong form is told once, never shown, and mended by the line', async (name, value) => {
    const place = await createPlace('wrong');
    await place.edit('.env', (text) => text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}="${value}"`));
    const { checks } = await doctor.run(place.context(), { only: ['files', 'secrets'] });
    const finding = findingOf(checks, 'SEC-01');
    expect(finding).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(new RegExp(`^${name} in \\.env: `)) as unknown,
    });
    expect(checks.filter((check) => check.finding.kind === 'failure')).toHaveLength(1);
    expect(findingOf(checks, 'FIL-03')).toEqual({ kind: 'skipped', reason: 'the secrets are wrong, see SEC-01' });
    expect(JSON.stringify(checks)).not.toContain(value);
    paste(place, fixOf(finding));
    expect(await place.finding('SEC-01')).toMatchObject({ kind: 'ok' });
    expect(await place.finding('FIL-03')).toMatchObject({ kind: 'ok' });
  });

  test('one that the shell beats is a warning', async () => {
    const place = await createPlace('beaten');
    const env = { SHARED_SECRET: Buffer.alloc(32, 5).toString('base64') };
    expect(await place.finding('SEC-01', { env })).toEqual({
      kind: 'warning',
      text: 'SHARED_SECRET in this shell beats .env',
      fix: 'unset SHARED_SECRET',
    });
    expect(await place.finding('SEC-01', { env: { SHARED_SECRET: 'short' } })).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^SHARED_SECRET in this shell: /) as unknown,
      fix: 'unset SHARED_SECRET',
    });
  });

  test('no value of .env stands anywhere in the report', async () => {
    const place = await createPlace('silent');
    await place.append(
      'pomerium-config.yaml',
      '\nshared_secret: c2VjcmV0IHNlY3JldCBzZWNyZXQ=\nidp_client_secret: [a-secret]\n',
    );
    const { secrets } = await loadProject(place.folder, {});
    const text = JSON.stringify(await doctor.run(place.context({ verbose: true }), {}));
    const values = Object.entries(secrets).filter(([name]) => /SECRET|KEY|PASSWORD/.test(name));
    expect(values.length).toBeGreaterThan(3);
    for (const [, value] of values) expect(text).not.toContain(value);
    expect(text).not.toMatch(/c2VjcmV0IHNlY3JldCBzZWNyZXQ|a-secret/);
  });

  test('a file that others may read is told, and mended by the line', async () => {
    const place = await createPlace('open');
    const file = join(place.folder, '.env');
    await chmod(file, 0o644);
    const finding = await place.finding('SEC-02');
    expect(finding).toEqual({
      kind: 'failure',
      text: '.env is open to other users (mode 0644)',
      fix: 'chmod 600 .env',
    });
    paste(place, fixOf(finding));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await runCheck('SEC-02', patientAt(place.folder, { platform: 'win32' }))).toEqual({
      kind: 'skipped',
      reason: 'Windows keeps no file modes',
    });
  });
});

describe('secrets and git', () => {
  test('outside of a repository the rules in .gitignore count', async () => {
    const place = await createPlace('rules');
    expect(await place.finding('SEC-03')).toEqual({ kind: 'ok', text: '.gitignore names .env and .mcpgw' });
    // No line break at the end.
    await writeFile(join(place.folder, '.gitignore'), '.env.local\n/.mcpgw/\nnode_modules');
    const finding = await place.finding('SEC-03');
    expect(finding).toMatchObject({ kind: 'failure', text: '.gitignore does not name .env' });
    paste(place, fixOf(finding));
    expect(await readFile(join(place.folder, '.gitignore'), 'utf8')).toContain('node_modules\n.env\n');
    expect(await place.finding('SEC-03')).toMatchObject({ kind: 'ok' });
    await rm(join(place.folder, '.gitignore'));
    expect(await place.finding('SEC-03')).toMatchObject({ text: '.gitignore does not name .env and .mcpgw' });
  });

  test('without git on the machine the rules count too', async () => {
    const place = await createPlace('no-git');
    expect(await place.finding('SEC-03', { env: { PATH: '/nowhere' } })).toMatchObject({ kind: 'ok' });
  });

  test('in a repository git itself is asked: rules of a folder above hold', async ({ skip }) => {
    skip(!hasGit, 'git is not installed');
    const place = await createPlace('repository');
    git(place, 'init', '-q');
    expect(await place.finding('SEC-03')).toEqual({ kind: 'ok', text: 'git ignores .env and .mcpgw' });
    await rm(join(place.folder, '.gitignore'));
    await writeFile(join(place.folder, '.git/info/exclude'), '.env\n');
    expect(await place.finding('SEC-03')).toMatchObject({ kind: 'failure', text: '.gitignore does not name .mcpgw' });
    await writeFile(join(place.folder, '.git/info/exclude'), '.env\n.mcpgw/\n');
    expect(await place.finding('SEC-03')).toMatchObject({ kind: 'ok' });
  });

  test('a .env that git keeps is told in spite of the rules, and let go by the line', async ({ skip }) => {
    skip(!hasGit, 'git is not installed');
    const place = await createPlace('kept');
    git(place, 'init', '-q');
    git(place, 'add', '-f', '.env');
    const finding = await place.finding('SEC-03');
    expect(finding).toEqual({
      kind: 'failure',
      text: 'git keeps .env: whoever has the repository has the secrets',
      fix: 'git -C . rm -r --cached .env\n# then make new secrets: the old ones stay in the history',
      evidence: ['.env'],
    });
    paste(place, fixOf(finding));
    expect(await place.finding('SEC-03')).toMatchObject({ kind: 'ok' });
    expect(await readFile(join(place.folder, '.env'), 'utf8')).toContain('SHARED_SECRET=');
  });
});

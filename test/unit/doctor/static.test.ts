import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROBLEM_TEXTS, RULES } from '../../../src/lint/index.ts';
import type { Permission } from '../../../src/doctor/patient.ts';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { ruleClasses } from '../../../src/doctor/checks/rule-classes.ts';
import { createPlace, patientAt, runCheck } from './world.ts';

const CONFIG = 'pomerium-config.yaml';

const nextYear = (): number => Date.now() + 400 * 86_400_000;

describe('the files', () => {
  test('every rule of lint is shown by one check', async () => {
    const place = await createPlace('rules');
    for (const { id } of RULES.filter((rule) => !(rule.id in PROBLEM_TEXTS))) {
      const base = patientAt(place.folder);
      const configuration = await base.configuration();
      const hit = {
        rule: id,
        severity: 'warning' as const,
        file: CONFIG,
        in: 'config' as const,
        message: 'wrong',
        mendable: false,
      };
      const patient = patientAt(place.folder, { configuration: async () => ({ ...configuration, findings: [hit] }) });
      const told = [];
      for (const check of ruleClasses) if ((await runCheck(check.id, patient)).kind === 'warning') told.push(check.id);
      expect([id, told]).toEqual([id, [expect.stringMatching(/^FIL-/)]]);
    }
  });

  test('a broken rule is told with its place and its name', async () => {
    const place = await createPlace('timeout');
    await place.edit(CONFIG, (text) =>
      text.replace('to: http://mcp-servers:8080/whoami', 'to: http://127.0.0.1:8080/whoami'),
    );
    await place.edit('docker-compose.yaml', (text) => text.replace('engine: embedded', 'engine: docker'));
    expect(await place.finding('FIL-07')).toMatchObject({
      kind: expect.stringMatching(/warning|failure/) as unknown,
      text: expect.stringMatching(/^pomerium-config\.yaml:\d+:\d+ .*\(UPSTREAM_ON_LOOPBACK\)/) as unknown,
    });
  });

  test('a folder where a file is mounted is told', async () => {
    const place = await createPlace('mount');
    const file = join(place.folder, '.mcpgw/certs/ca.pem');
    await mkdir(file, { recursive: true });
    expect(await place.finding('FIL-11')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining(file) as unknown,
    });
  });

  test('a configuration that everybody may write to is told', async () => {
    const place = await createPlace('mode');
    await chmod(join(place.folder, CONFIG), 0o666);
    expect(await place.finding('FIL-12')).toMatchObject({ kind: 'failure', fix: `chmod o-w ${CONFIG}` });
  });

  test.each(['compose.yaml', 'docker-compose.override.yml'])('%s beside ours is told', async (name) => {
    const place = await createPlace('second');
    await writeFile(join(place.folder, name), 'services: {}\n');
    expect(await place.finding('FIL-13')).toMatchObject({ kind: 'warning', fix: `mv ${name} ${name}.old` });
  });

  test('a lock whose process is gone is told; one that is held is not', async () => {
    const place = await createPlace('lock');
    const lock = join(place.folder, '.mcpgw/lock');
    await mkdir(join(place.folder, '.mcpgw'), { recursive: true });
    await writeFile(lock, JSON.stringify({ pid: process.pid, what: 'up' }));
    expect(await place.finding('FIL-14')).toMatchObject({ kind: 'ok' });
    await writeFile(lock, JSON.stringify({ pid: 2 ** 30, what: 'up' }));
    expect(await place.finding('FIL-14')).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining('lock') as unknown,
    });
  });
});

describe('the secrets', () => {
  test('a variable without a value is told with the line to add', async () => {
    const place = await createPlace('unset');
    await place.edit('.env', (text) => text.replace(/^POSTGRES_PASSWORD=.*\n/m, ''));
    expect(await place.finding('SEC-04')).toMatchObject({
      kind: 'failure',
      fix: "echo 'POSTGRES_PASSWORD=...' >> .env",
    });
  });

  test('an old one is told with how to make another', async () => {
    const place = await createPlace('old');
    expect(await runCheck('SEC-05', patientAt(place.folder, { now: nextYear }))).toMatchObject({
      kind: 'warning',
      fix: expect.stringMatching(/^mcpgw secrets rotate [A-Z_]+$/) as unknown,
    });
  });

  test.each([
    ['SEC-06', 'POSTGRES_PASSWORD=changeme', /POSTGRES_PASSWORD has the value of an example/],
    ['SEC-06', `COOKIE_SECRET=${Buffer.alloc(32).toString('base64')}`, /COOKIE_SECRET repeats one character/],
  ])('%s tells %s', async (id, line, text) => {
    const place = await createPlace('sample');
    const name = line.split('=')[0] ?? '';
    await place.edit('.env', (env) => env.replace(new RegExp(`^${name}=.*$`, 'm'), line));
    const finding = await place.finding(id);
    expect(finding).toMatchObject({ kind: 'failure', text: expect.stringMatching(text) as unknown });
  });

  test('one that serves twice is told', async () => {
    const place = await createPlace('twice');
    const env = await readFile(join(place.folder, '.env'), 'utf8');
    const shared = /^SHARED_SECRET=(.*)$/m.exec(env)?.[1] ?? '';
    await place.edit('.env', (text) => text.replace(/^COOKIE_SECRET=.*$/m, `COOKIE_SECRET=${shared}`));
    expect(await place.finding('SEC-07')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/SHARED_SECRET.*same value/) as unknown,
    });
  });

  test('a key of the authority that others may read is told', async () => {
    const place = await createPlace('key');
    const folder = join(place.folder, '.mcpgw/authority');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'ca.key'), 'key', { mode: 0o600 });
    expect(await place.finding('SEC-08')).toEqual({ kind: 'ok', text: '1 key' });
    await chmod(join(folder, 'ca.key'), 0o644);
    expect(await place.finding('SEC-08')).toMatchObject({ kind: 'failure', fix: 'chmod 600 .mcpgw/authority/ca.key' });
    await rm(folder, { recursive: true });
    expect(await place.finding('SEC-08')).toMatchObject({ kind: 'skipped' });
  });
});

const tenMinutesAgo = async (): Promise<typeof globalThis.fetch> => async () =>
  new Response('', { headers: { date: new Date(Date.now() - 600_000).toUTCString() } });

describe('the machine', () => {
  test.each([
    ['MAC-07', { HTTPS_PROXY: 'http://proxy:3128' }, 'warning', /HTTPS_PROXY also catches whoami\.localhost/],
    ['MAC-07', { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost' }, 'ok', /exempt/],
    ['MAC-08', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'failure', /any certificate/],
    ['MAC-08', { NODE_EXTRA_CA_CERTS: '/nowhere.pem' }, 'warning', /\/nowhere\.pem/],
  ])('%s with %j', async (id, env, kind, text) => {
    const place = await createPlace('variables');
    expect(await runCheck(id, patientAt(place.folder, { env }))).toMatchObject({
      kind,
      text: expect.stringMatching(text) as unknown,
    });
  });

  test('a clock that is minutes off is told', async () => {
    const place = await createPlace('clock');
    expect(await runCheck('MAC-04', patientAt(place.folder, { fetch: tenMinutesAgo }))).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^\d+ s apart/) as unknown,
    });
  });

  test('another system is told', async () => {
    expect(await runCheck('MAC-09', patientAt('/', { platform: 'win32' }))).toMatchObject({ kind: 'warning' });
  });
});

const one = (user: string, call: string, allowed: boolean): Permission => ({
  server: 'whoami',
  line: 40,
  user,
  call,
  allowed,
});

const look = async (id: string, all: Permission[]): Promise<unknown> => {
  const place = await createPlace('policy');
  return runCheck(id, patientAt(place.folder, { permissions: async () => all }));
};

describe('the policy', () => {
  test('who may do nothing is told, and is no fault', async () => {
    const all = [one('admin', 'tools/list', true), one('guest', 'tools/list', false)];
    expect(await look('POL-01', all)).toEqual({
      kind: 'ok',
      text: 'guest: nothing',
      evidence: ['admin: whoami', 'guest: nothing'],
    });
  });

  test('a server that nobody may use is told with its line', async () => {
    expect(await look('POL-02', [one('admin', 'tools/list', false)])).toMatchObject({
      kind: 'failure',
      fix: `edit the policy in ${CONFIG} at line 40\nmcpgw policy matrix --route whoami`,
    });
  });

  test('what anybody may call without a sign-in is told', async () => {
    expect(await look('POL-03', [one('anonymous', 'tools/list', true)])).toMatchObject({ kind: 'warning' });
    expect(await look('POL-03', [one('anonymous', 'tools/list', false)])).toMatchObject({ kind: 'ok' });
  });

  test.each([
    [4096, /a denied tool passes when its call is larger than 4096 bytes/],
    [60_000, /answered 413/],
  ])('rules for tools with max_request_bytes %d are told', async (bytes, text) => {
    const place = await createPlace('limit', ['sqlite']);
    await place.edit(CONFIG, (config) => config.replace(/max_request_bytes: \d+/, `max_request_bytes: ${bytes}`));
    expect(await place.finding('POL-04')).toMatchObject({
      kind: 'warning',
      text: expect.stringMatching(text) as unknown,
    });
  });
});

test('every check says what it needs, so that none is silently absent', () => {
  // Of these the ground is not in question: they look at this machine alone, or tell that there is nothing else.
  const groundless = CHECKS.filter(({ on = [] }) => on.length === 0).map(({ id }) => id);
  expect(groundless.filter((id) => !id.startsWith('MAC-'))).toEqual(['FIL-01']);
});

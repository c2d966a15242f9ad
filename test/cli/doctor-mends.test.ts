import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as doctor from '../../src/commands/doctor.ts';
import { watch } from '../../src/commands/doctor-watch.ts';
import { failure, ok, type Finding } from '../../src/doctor/check.ts';
import { testContext } from '../helpers/context.ts';
import { createPlace, type Place } from '../unit/doctor/world.ts';

async function spoil(place: Place): Promise<void> {
  await chmod(join(place.folder, '.env'), 0o644);
  await writeFile(join(place.folder, '.gitignore'), 'node_modules');
  await mkdir(join(place.folder, '.mcpgw'), { recursive: true });
  await writeFile(join(place.folder, '.mcpgw/lock'), JSON.stringify({ pid: 2 ** 30, what: 'up' }));
  await place.edit('docker-compose.yaml', (text) => text.replace('          - whoami.localhost\n', ''));
}

const ONLY = { only: ['files', 'secrets'], acme: false };

describe('doctor --fix', () => {
  test('shows every safe mend, makes them, and finds nothing left', async () => {
    const place = await createPlace('mend');
    await spoil(place);
    const shown = place.context();
    const dry = await doctor.run(shown, { ...ONLY, fix: true, dryRun: true });
    expect(dry.mended).toMatchObject({ done: false, texts: { length: 4 } });
    expect(shown.err()).toContain('+          - whoami.localhost');
    expect(doctor.exitOf(dry)).toBe(3);
    const done = await doctor.run(place.context(), { ...ONLY, fix: true, yes: true });
    expect(done.mended?.done).toBe(true);
    expect(done.checks.filter(({ finding }) => 'fix' in finding)).toEqual([]);
    expect((await stat(join(place.folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(place.folder, '.gitignore'), 'utf8')).toBe('node_modules\n.env\n.mcpgw/\n');
    expect((await doctor.run(place.context(), { ...ONLY, fix: true })).mended).toEqual({ texts: [], done: false });
  });

  test('asks first; a no leaves everything as it is, and without a terminal it has to be said', async () => {
    const place = await createPlace('ask');
    await spoil(place);
    const refused = await doctor.run(place.context({ interactive: true, answers: [false] }), { ...ONLY, fix: true });
    expect(refused.mended?.done).toBe(false);
    expect((await stat(join(place.folder, '.env'))).mode & 0o777).toBe(0o644);
    await expect(doctor.run(place.context(), { ...ONLY, fix: true })).rejects.toMatchObject({
      code: 'USAGE',
      fix: 'mcpgw doctor --fix --yes',
    });
  });
});

describe('doctor --report', () => {
  test('holds versions, findings and files, and none of the secrets planted everywhere', async () => {
    const place = await createPlace('report');
    const planted = {
      UPSTREAM_KEY: 'planted-in-env-1',
      SHELL_TOKEN: 'planted-in-shell-2',
      header: 'planted-in-header-3',
      compose: 'planted-in-compose-4',
      bearer: 'planted.in.bearer-5',
      password: 'planted-in-url-6',
      inline: 'planted-in-yaml-7',
    };
    await place.append('.env', `\nUPSTREAM_KEY=${planted.UPSTREAM_KEY}\n`);
    await place.edit('pomerium-config.yaml', (text) =>
      text
        .replace(
          '    pass_identity_headers: true\n',
          `    pass_identity_headers: true\n    set_request_headers:\n      X-Plain: ${planted.header}\n      Authorization: Bearer ${planted.bearer}\n`,
        )
        .concat(`\n# ${planted.UPSTREAM_KEY}\nidp_client_secret: ${planted.inline}\n`),
    );
    await place.edit('docker-compose.yaml', (text) =>
      text.replace(
        'POSTGRES_USER: pomerium',
        `POSTGRES_USER: pomerium\n      INNOCENT: ${planted.compose}\n      OTHER: postgres://u:${planted.password}@db/x`,
      ),
    );
    await mkdir(join(place.folder, '.mcpgw/logs'), { recursive: true });
    const line = {
      time: new Date().toISOString(),
      level: 'info',
      message: `got ${planted.SHELL_TOKEN} ${planted.UPSTREAM_KEY}`,
    };
    await writeFile(join(place.folder, '.mcpgw/logs/gateway.log'), `${JSON.stringify(line)}\n`);
    const context = place.context({ env: { SHELL_TOKEN: planted.SHELL_TOKEN } });
    const { report } = await doctor.run(context, { report: 'r.md', acme: false });
    const text = await readFile(String(report), 'utf8');
    for (const [name, value] of Object.entries(planted)) expect([name, text.includes(value)]).toEqual([name, false]);
    for (const secret of (await readFile(join(place.folder, '.env'), 'utf8')).matchAll(
      /^[A-Z_]*(?:SECRET|KEY|PASSWORD)=(.+)$/gm,
    ))
      expect(text).not.toContain(secret[1]);
    for (const part of [
      '# Report of mcpgw doctor',
      'MAC-01',
      'routes:',
      'services:',
      '"message":"got',
      '.env:',
      'UPSTREAM_KEY',
    ])
      expect(text).toContain(part);
    expect((await stat(String(report))).mode & 0o777).toBe(0o600);
  });

  test('overwrites a report, and nothing else', async () => {
    const place = await createPlace('overwrite');
    const options = { only: ['MAC-01'], acme: false };
    await doctor.run(place.context(), { ...options, report: 'r.md' });
    await doctor.run(place.context(), { ...options, report: 'r.md' });
    await expect(doctor.run(place.context(), { ...options, report: '.env' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('doctor --watch', () => {
  test('shows the whole at first, then what changes, until Ctrl+C', async () => {
    const stop = new AbortController();
    const context = testContext({ signal: stop.signal, env: { NO_COLOR: '1' } });
    context.stdout.isTTY = true;
    const findings: Finding[] = [ok('well'), ok('still well'), failure('it broke', 'mend it')];
    const look = async (): Promise<doctor.DoctorResult> => {
      const finding = findings.shift() ?? failure('it broke', 'mend it');
      if (findings.length === 0) stop.abort();
      const check = { id: 'MAC-01', area: 'machine' as const, title: 'thing', finding, took: 1 };
      const summary = { passed: 1, warnings: 0, failed: 0, skipped: 0 };
      return { checks: [check], summary, took: 1, strict: false, listed: false, verbose: false };
    };
    const result = await watch(context, look, 1);
    expect(result.watched).toBe(true);
    expect(context.out()).toMatch(
      /^Machine ✓ 1\n1 check in .*\n\d\d:\d\d:\d\d\n✗ MAC-01 {2}it broke\n {10}→ mend it\n$/,
    );
  });

  test('is refused where nobody looks on', async () => {
    const place = await createPlace('pipe');
    await expect(doctor.run(place.context(), { watch: true })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

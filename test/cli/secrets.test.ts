import { appendFile, chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { run, screen, type SecretsOptions, type SecretsResult } from '../../src/commands/secrets.ts';
import { parseEnvFile } from '../../src/project/index.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext, type TestContext, type TestContextOptions } from '../helpers/context.ts';
import { temporaryProject } from '../unit/project/helpers.ts';

const DAY = 86_400_000;
const plain = styleFor(testContext().stdout, { COLUMNS: '80' });

const later = (): number => Date.now() + 10 * DAY;

let folder = '';
beforeEach(async () => {
  folder = await temporaryProject();
});

function context(options: TestContextOptions = {}): TestContext {
  return testContext({ cwd: folder, ...options });
}

const secrets = async (options: SecretsOptions, more: TestContextOptions = {}): Promise<SecretsResult> =>
  run(context(more), options);

const envText = async (): Promise<string> => readFile(join(folder, '.env'), 'utf8');
const values = async (): Promise<Record<string, string>> => parseEnvFile(await envText());

describe('secrets list', () => {
  test('shows names, age, maker and uses, and no value', async () => {
    await appendFile(join(folder, '.env'), 'GITHUB_SECRET=abc-very-secret\nCOLOUR=blue\n');
    const config = join(folder, 'pomerium-config.yaml');
    await writeFile(
      config,
      (await readFile(config, 'utf8')).replace('idp_client_id: mcpgw', 'idp_client_id: ${GITHUB_SECRET}'),
    );
    const result = await secrets({}, { now: () => Date.now() + 3 * DAY });
    const text = screen(result, plain);
    expect(text).toMatch(/^SECRET +AGE +MADE BY +USED BY\n/);
    expect(text).toMatch(/^SHARED_SECRET +3 days +mcpgw +pomerium$/m);
    expect(text).toMatch(/^POSTGRES_PASSWORD +3 days +mcpgw +postgres, pomerium$/m);
    expect(text).toMatch(/^GITHUB_SECRET +3 days +others +pomerium-config.yaml:\d+$/m);
    expect(text).not.toMatch(/COLOUR|POMERIUM_IMAGE/);
    const shown = text + JSON.stringify(result);
    for (const [name, value] of Object.entries(await values())) {
      if (/SECRET|PASSWORD|KEY/.test(name)) expect(shown).not.toContain(value);
    }
  });

  test('tells a variable of the shell that beats .env', async () => {
    const result = await secrets({}, { env: { SHARED_SECRET: 'other' } });
    expect(screen(result, plain)).toContain('! set in this shell, which beats .env: SHARED_SECRET');
  });

  test('a slip is a usage error', async () => {
    await expect(secrets({ action: 'rotates' })).rejects.toMatchObject({ code: 'USAGE', exit: 2 });
    await expect(secrets({ action: 'list', names: ['A'] })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('secrets rotate', () => {
  test('gives the named ones a new value, keeps all else, and keeps the file private', async () => {
    await chmod(join(folder, '.env'), 0o644);
    const before = await values();
    const text = await envText();
    const result = await secrets({ action: 'rotate', names: ['SHARED_SECRET', 'SIGNING_KEY'], yes: true });
    expect(result).toMatchObject({ kind: 'rotated', secrets: [{ name: 'SHARED_SECRET' }, { name: 'SIGNING_KEY' }] });
    const after = await values();
    expect(after['SHARED_SECRET']).not.toBe(before['SHARED_SECRET']);
    expect(Buffer.from(after['SHARED_SECRET'] ?? '', 'base64')).toHaveLength(32);
    expect({ ...after, SHARED_SECRET: '', SIGNING_KEY: '' }).toEqual({ ...before, SHARED_SECRET: '', SIGNING_KEY: '' });
    const lines = text.split('\n');
    expect((await envText()).split('\n').filter((line) => !lines.includes(line))).toHaveLength(2);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(screen(result, plain)).toContain('Next    mcpgw up');
    expect(screen(result, plain)).not.toContain(after['SHARED_SECRET']);
  });

  test('afterwards the others keep their age', async () => {
    await secrets({ action: 'rotate', names: ['COOKIE_SECRET'], yes: true }, { now: later });
    const text = screen(await secrets({}, { now: later }), plain);
    expect(text).toMatch(/^COOKIE_SECRET +today/m);
    expect(text).toMatch(/^SHARED_SECRET +10 days/m);
  });

  test('without names: all that are ours to make', async () => {
    const planned = await secrets({ action: 'rotate', dryRun: true });
    expect(planned).toMatchObject({ kind: 'planned' });
    const names = 'secrets' in planned ? planned.secrets.map(({ name }) => name) : [];
    expect(names).toEqual(['SHARED_SECRET', 'COOKIE_SECRET', 'SIGNING_KEY', 'IDP_CLIENT_SECRET', 'POSTGRES_PASSWORD']);
  });

  test('--dry-run tells what it would end and changes nothing', async () => {
    const before = await envText();
    const result = await secrets({ action: 'rotate', names: ['SHARED_SECRET'], dryRun: true });
    expect(screen(result, plain)).toMatch(/SHARED_SECRET\n {4}ends every External Token[^]*Nothing was changed/);
    expect(await envText()).toBe(before);
  });

  test('asks in a terminal, with the account first; a no changes nothing', async () => {
    const before = await envText();
    const ctx = context({ interactive: true, answers: [false] });
    expect(await run(ctx, { action: 'rotate', names: ['COOKIE_SECRET'] })).toMatchObject({ kind: 'kept' });
    expect(ctx.err()).toContain('COOKIE_SECRET ends every session in a browser');
    expect(await envText()).toBe(before);
    await secrets({ action: 'rotate', names: ['COOKIE_SECRET'] }, { interactive: true, answers: [true] });
    expect(await envText()).not.toBe(before);
  });

  test('without a terminal it wants --yes', async () => {
    await expect(secrets({ action: 'rotate', names: ['COOKIE_SECRET'] })).rejects.toMatchObject({
      code: 'USAGE',
      fix: 'mcpgw secrets rotate COOKIE_SECRET --yes',
    });
  });

  test('what others gave is theirs to change', async () => {
    await appendFile(join(folder, '.env'), 'GITHUB_SECRET=x\n');
    await expect(secrets({ action: 'rotate', names: ['GITHUB_SECRET'], yes: true })).rejects.toMatchObject({
      code: 'SECRET_NOT_OURS',
    });
    folder = await temporaryProject({
      answers: { address: 'public', domain: 'gw.example.com', port: 443, engine: 'docker' },
    });
    const ask = secrets({ action: 'rotate', names: ['IDP_CLIENT_SECRET'], yes: true });
    await expect(ask).rejects.toMatchObject({
      code: 'SECRET_NOT_OURS',
      why: expect.stringContaining('identity provider'),
    });
  });

  test('an unknown name is told with the one that was meant', async () => {
    await expect(secrets({ action: 'rotate', names: ['SHARED_SECRT'], yes: true })).rejects.toMatchObject({
      code: 'NO_SUCH_SECRET',
      message: expect.stringContaining('SHARED_SECRET'),
    });
  });

  test('a variable of the shell, which beats .env, is in the way', async () => {
    const before = await envText();
    const env = { COOKIE_SECRET: 'x' };
    const rotating = secrets({ action: 'rotate', names: ['COOKIE_SECRET'], yes: true }, { env });
    await expect(rotating).rejects.toMatchObject({
      code: 'SECRET_OVERRIDDEN',
      fix: expect.stringContaining('unset COOKIE_SECRET'),
    });
    expect(await envText()).toBe(before);
  });
});

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import {
  answer,
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainCode,
  obtainTokens,
  refreshForm,
  registerClient,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import type { Visit } from './issuer-process.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
let folder: string;
let stateFile: string;
let open: Bench[] = [];

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcpgw-identity-'));
  stateFile = join(folder, 'gateway.db');
});
afterEach(async () => {
  await Promise.all(open.map(({ identity }) => identity.close()));
  open = [];
  rmSync(folder, { recursive: true });
});

function start(changes: Parameters<typeof testOptions>[0] = {}): Bench {
  const bench = createBench(testOptions({ idp_provider_url: provider.issuer, ...changes }), { stateFile });
  open.push(bench);
  return bench;
}

function refusal(): CliError {
  try {
    start();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('the file was accepted');
}

function countSessions(): unknown {
  const database = new DatabaseSync(stateFile, { readOnly: true });
  const row = database.prepare('SELECT count(*) AS n FROM sessions').get();
  database.close();
  return row;
}

describe('a restart', () => {
  test('keeps clients, sessions, cookies, codes, External Tokens and refresh tokens', async () => {
    const first = start();
    const browser = new Browser(first.identity);
    const tokens = await obtainTokens(browser, provider.issuer);
    const pending = await obtainCode(browser, provider.issuer);
    await first.identity.close();

    const { identity } = start();
    expect(identity.sessionOfToken(tokens.accessToken)?.email).toBe('alice@company.com');
    expect(identity.sessionOfCookies(browser.cookieHeader(ROUTE_HOST), ROUTE_HOST)?.email).toBe('alice@company.com');
    const { clientId, code, verifier } = pending;
    const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
    expect((await requestToken(identity, form)).status).toBe(200);
    expect((await requestToken(identity, refreshForm(tokens.clientId, tokens.refreshToken))).status).toBe(200);
  });

  test('sweeps what has expired', async () => {
    const first = start({ cookie_expire: 1 });
    await obtainCode(new Browser(first.identity), provider.issuer).catch(() => undefined);
    expect(countSessions()).not.toEqual({ n: 0 });
    await first.identity.close();
    start();
    expect(countSessions()).toEqual({ n: 0 });
  });

  test('kill -9, again and again, loses no token that was handed out, and makes nothing good twice', async () => {
    provider.mischief = { reusableRefreshTokens: true };
    for (const count of [1, 7, 15]) {
      const visits = await runAndKill(count);
      const { identity } = start();
      for (const { accessToken } of visits) expect(identity.sessionOfToken(accessToken)).toBeDefined();
      for (const { clientId, code, verifier, usedToken, refreshToken } of visits) {
        const again = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
        expect((await requestToken(identity, again)).status).toBe(400);
        expect((await requestToken(identity, refreshForm(clientId, usedToken))).status).toBe(400);
        expect((await requestToken(identity, refreshForm(clientId, refreshToken))).status).toBe(200);
      }
      await identity.close();
    }
    provider.mischief = {};
  }, 60_000);
});

/** Lets another process use the state file and kills it after so many visits; those that it told of. */
async function runAndKill(count: number): Promise<Visit[]> {
  const program = fileURLToPath(new URL('./issuer-process.ts', import.meta.url));
  const child = spawn(process.execPath, [program, stateFile, provider.issuer], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const visits: Visit[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    visits.push(JSON.parse(line) as Visit);
    if (visits.length === count) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  expect(visits.length).toBeGreaterThanOrEqual(count);
  return visits;
}

describe('two gateways on one file', () => {
  test('each honours what the other issued, and sees a sign-out at the other', async () => {
    const [a, b] = [start(), start()];
    const browser = new Browser(a.identity);
    const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
    expect(b.identity.sessionOfToken(accessToken)?.email).toBe('alice@company.com');
    expect(a.identity.sessionOfToken(accessToken)).toBeDefined();

    const atB = new Browser(b.identity);
    const elsewhere = await obtainTokens(atB, provider.issuer);
    expect(a.identity.sessionOfToken(elsewhere.accessToken)).toBeDefined();
    const link = header(await atB.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`), 'location') ?? '';
    await atB.fetch(link);
    await expect.poll(() => a.identity.sessionOfToken(elsewhere.accessToken), { timeout: 3_000 }).toBeUndefined();

    const form = refreshForm(clientId, refreshToken);
    const replies = await Promise.all([requestToken(a.identity, form), requestToken(b.identity, form)]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });

  test('a code is good once, not once at each', async () => {
    const [a, b] = [start(), start()];
    const { clientId, code, verifier } = await obtainCode(new Browser(a.identity), provider.issuer);
    const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
    const replies = await Promise.all([requestToken(b.identity, form), requestToken(a.identity, form)]);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });
});

describe('a file that cannot be used is named, explained and left alone', () => {
  test.skipIf(process.platform === 'win32')('it is made for its owner alone', () => {
    start();
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
  });

  test('no database', () => {
    const content = 'this is no database '.repeat(500);
    writeFileSync(stateFile, content);
    const error = refusal();
    expect(error.code).toBe('STATE_CORRUPT');
    expect(error.message).toContain(stateFile);
    expect(error.fix).toContain(`mv ${stateFile}`);
    expect(readFileSync(stateFile, 'utf8')).toBe(content);
  });

  test('a damaged database', async () => {
    const bench = start();
    for (let i = 0; i < 300; i++) await registerClient(bench.identity);
    await bench.identity.close();
    const bytes = readFileSync(stateFile);
    bytes.fill(0xa5, 4_096, 40_960);
    writeFileSync(stateFile, bytes);
    expect(refusal().code).toBe('STATE_CORRUPT');
    expect(readFileSync(stateFile).equals(bytes)).toBe(true);
  });

  test('a folder in its place, and a folder that does not exist', () => {
    mkdirSync(stateFile);
    expect(refusal().code).toBe('STATE_UNUSABLE');
    stateFile = join(folder, 'none', 'gateway.db');
    expect(refusal().code).toBe('STATE_UNUSABLE');
  });

  test('a file that another process holds in a transaction', () => {
    const holder = new DatabaseSync(stateFile);
    holder.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (x)');
    expect(refusal().code).toBe('STATE_BUSY');
    holder.close();
  }, 20_000);

  test('an empty file is a new one', async () => {
    writeFileSync(stateFile, '');
    expect(await registerClient(start().identity)).toHaveProperty('client_id');
  });
});

test('a store that fails while running is a 500, and the gateway stays up', async () => {
  const bench = start();
  const first = await obtainTokens(new Browser(bench.identity), provider.issuer);
  // Its session was never asked for, so it is in no memory.
  const unseen = bodyOf(await requestToken(bench.identity, refreshForm(first.clientId, first.refreshToken)));
  const { clientId, code, verifier } = await obtainCode(new Browser(bench.identity), provider.issuer);
  await bench.identity.close();
  const body = '{"redirect_uris":["http://127.0.0.1/cb"]}';
  const registration = await answer(bench.identity, { method: 'POST', target: '/.pomerium/mcp/register', body });
  expect([registration.status, registration.body]).toEqual([500, 'failed to register client\n']);
  const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  const reply = await requestToken(bench.identity, form);
  expect([reply.status, reply.body]).toEqual([500, 'internal error\n']);
  expect(bench.logs.at(-1)).toMatchObject({ level: 'error', message: 'the request failed inside the gateway' });
  expect(bench.identity.sessionOfToken(String(unseen['access_token']))).toBeUndefined();
  expect(bench.logs.at(-1)?.message).toContain('cannot be read');
});

test('without a shared secret tokens live as long as the process, and the log says so', async () => {
  const first = start({ shared_secret: undefined });
  const { accessToken } = await obtainTokens(new Browser(first.identity), provider.issuer);
  expect(first.identity.sessionOfToken(accessToken)).toBeDefined();
  expect(first.logs).toContainEqual(
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('shared_secret') as string }),
  );
  const second = start({ shared_secret: undefined });
  expect(second.identity.sessionOfToken(accessToken)).toBeUndefined();
  expect(bodyOf(await requestToken(second.identity, {}))).toEqual({ error: 'invalid_request' });
});

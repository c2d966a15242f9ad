import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { MIGRATIONS } from '../../src/gateway/identity/migrations.ts';
import type { Options } from '../../src/pomerium/model.ts';
import { freePorts } from '../helpers/program.ts';
import type { PostgresServer } from '../docker/postgres.ts';
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
} from '../unit/gateway-identity/harness.ts';
import { startProvider, type TestProvider } from '../unit/gateway-identity/provider.ts';
import { aSession } from '../unit/gateway-store/samples.ts';
import { findPostgres, openPostgres } from '../unit/gateway-store/stores.ts';

const REGISTRATION = {
  method: 'POST',
  target: '/.pomerium/mcp/register',
  body: '{"redirect_uris":["http://127.0.0.1/cb"]}',
};
/** Milliseconds until a lost or regained server must have been noticed; far more than it takes. */
const PATIENCE = { timeout: 30_000 };

let server: PostgresServer | undefined;
let reason: string | undefined;
let provider: TestProvider;
let where: string;

beforeAll(async () => {
  provider = await startProvider();
  ({ server, reason } = await findPostgres());
}, 120_000);
afterAll(async () => {
  await provider.close();
  await server?.remove();
});
beforeEach(async ({ skip }) => {
  if (!server) skip(reason ?? 'no PostgreSQL');
  where = (await server?.createDatabase()) ?? '';
});

async function start(connectionString = where, changes: Partial<Options> = {}): Promise<Bench> {
  const storage = {
    databroker_storage_type: 'postgres',
    databroker_storage_connection_string: connectionString,
  } as const;
  const options = testOptions({ idp_provider_url: provider.issuer, ...storage, ...changes });
  const bench = createBench(options, { stateFile: undefined });
  onTestFinished(async () => bench.identity.close());
  await bench.identity.settled;
  return bench;
}

/** The texts of the errors that were logged. */
function errorsOf({ logs }: Bench): string[] {
  return logs.filter(({ level }) => level === 'error').map(({ message, error }) => `${message}: ${String(error)}`);
}

test('a restart keeps clients, sessions, cookies, codes, External Tokens and refresh tokens', async () => {
  const first = await start();
  const browser = new Browser(first.identity);
  const tokens = await obtainTokens(browser, provider.issuer);
  const { clientId, code, verifier } = await obtainCode(browser, provider.issuer);
  await first.identity.close();

  const { identity } = await start();
  expect(identity.sessionOfToken(tokens.accessToken)?.email).toBe('alice@company.com');
  expect(identity.sessionOfCookies(browser.cookieHeader(ROUTE_HOST), ROUTE_HOST)?.email).toBe('alice@company.com');
  expect(identity.stats().sessions).toBe(1);
  const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  expect((await requestToken(identity, form)).status).toBe(200);
  expect((await requestToken(identity, refreshForm(tokens.clientId, tokens.refreshToken))).status).toBe(200);
});

test('two gateways share a database: tokens of one are good at the other, and a sign-out ends them at both', async () => {
  const [a, b] = [await start(), await start()];
  const atB = new Browser(b.identity);
  const { clientId, accessToken, refreshToken } = await obtainTokens(atB, provider.issuer);
  await expect.poll(() => a.identity.sessionOfToken(accessToken)?.email, PATIENCE).toBe('alice@company.com');
  const form = refreshForm(clientId, refreshToken);
  const replies = await Promise.all([requestToken(a.identity, form), requestToken(b.identity, form)]);
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]));
  const link = header(await atB.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`), 'location') ?? '';
  await atB.fetch(link);
  await expect.poll(() => a.identity.sessionOfToken(accessToken), PATIENCE).toBeUndefined();
});

test('a database that is away while running: known people stay known, nothing is stored, and it heals by itself', async () => {
  const bench = await start();
  const { identity } = bench;
  const browser = new Browser(identity);
  const tokens = await obtainTokens(browser, provider.issuer);
  await server?.stop();
  await expect.poll(() => identity.storeFailure?.(), PATIENCE).toBeDefined();
  expect(identity.sessionOfToken(tokens.accessToken)?.email).toBe('alice@company.com');
  expect(identity.sessionOfCookies(browser.cookieHeader(ROUTE_HOST), ROUTE_HOST)?.email).toBe('alice@company.com');
  const registration = await answer(identity, REGISTRATION);
  expect([registration.status, registration.body]).toEqual([500, 'failed to register client\n']);
  const refused = await requestToken(identity, refreshForm(tokens.clientId, tokens.refreshToken));
  expect([refused.status, bodyOf(refused)]).toEqual([400, { error: 'invalid_request' }]);
  const errors = errorsOf(bench).join('\n');
  expect(errors).toContain('storage/postgres: error receiving notification: ');
  expect(errors).toContain('(SQLSTATE 57P01)');
  expect(errors).toMatch(
    /mcp\/token: get token request failed: .*failed to connect to `user=pomerium database=test\d+`/,
  );

  await server?.start();
  await expect.poll(() => identity.storeFailure?.(), PATIENCE).toBeUndefined();
  expect(identity.sessionOfToken(tokens.accessToken)?.email).toBe('alice@company.com');
  expect((await requestToken(identity, refreshForm(tokens.clientId, tokens.refreshToken))).status).toBe(200);
}, 90_000);

test('a database that is away at the start: the gateway runs, knows nobody, and takes everything up when it comes', async () => {
  const before = await start();
  const tokens = await obtainTokens(new Browser(before.identity), provider.issuer);
  await before.identity.close();
  await server?.stop();

  const bench = await start();
  const { identity } = bench;
  expect(identity.sessionOfToken(tokens.accessToken)).toBeUndefined();
  expect((await answer(identity, REGISTRATION)).status).toBe(500);
  expect(identity.storeFailure?.()).toContain('dial error: dial tcp 127.0.0.1:');
  expect(errorsOf(bench)[0]).toContain(
    'storage/postgres: error initializing pool for notifications: error starting transaction: ',
  );

  await server?.start();
  await expect.poll(() => identity.sessionOfToken(tokens.accessToken)?.email, PATIENCE).toBe('alice@company.com');
  expect((await requestToken(identity, refreshForm(tokens.clientId, tokens.refreshToken))).status).toBe(200);
}, 90_000);

test('a database that hangs with its connections open counts as away', async () => {
  const { identity } = await start();
  const { accessToken } = await obtainTokens(new Browser(identity), provider.issuer);
  await server?.pause();
  try {
    await expect.poll(() => identity.storeFailure?.(), PATIENCE).toBeDefined();
  } finally {
    await server?.unpause();
  }
  await expect.poll(() => identity.storeFailure?.(), PATIENCE).toBeUndefined();
  expect(identity.sessionOfToken(accessToken)).toBeDefined();
}, 90_000);

test('a connection that is cut is made anew, and sessions that ended meanwhile are forgotten', async () => {
  const { identity, logs } = await start();
  const { accessToken } = await obtainTokens(new Browser(identity), provider.issuer);
  const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'mcpgw'";
  await server?.sql(where, `DELETE FROM mcpgw.sessions; ${cut} AND datname = current_database()`);
  await expect.poll(() => identity.sessionOfToken(accessToken), PATIENCE).toBeUndefined();
  await expect
    .poll(() => logs.filter(({ message }) => message === 'storage/postgres: connected').length, PATIENCE)
    .toBe(2);
  expect(await registerClient(identity)).toHaveProperty('client_id');
}, 60_000);

test('a database that was emptied under the gateway gets its tables again', async () => {
  const { identity } = await start();
  const { accessToken } = await obtainTokens(new Browser(identity), provider.issuer);
  const cut =
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()';
  await server?.sql(where, `DROP SCHEMA mcpgw CASCADE; ${cut}`);
  await expect.poll(() => identity.sessionOfToken(accessToken), PATIENCE).toBeUndefined();
  await expect.poll(() => identity.storeFailure?.(), PATIENCE).toBeUndefined();
  expect(await registerClient(identity)).toHaveProperty('client_id');
}, 60_000);

test.each([
  [
    'a wrong password',
    (url: URL) => (url.password = 'wrong'),
    'failed SASL auth: FATAL: password authentication failed for user "pomerium" (SQLSTATE 28P01)',
  ],
  [
    'a database that is not there',
    (url: URL) => (url.pathname = '/nosuch'),
    'server error: FATAL: database "nosuch" does not exist (SQLSTATE 3D000)',
  ],
  [
    'a host that is not there',
    (url: URL) => (url.hostname = 'nowhere.invalid'),
    'hostname resolving error: lookup nowhere.invalid: no such host',
  ],
])('%s is told in Pomerium’s words, and the gateway runs on', async (_case, spoil, words) => {
  const url = new URL(where);
  spoil(url);
  const bench = await start(url.href);
  expect(errorsOf(bench)[0]).toContain(words);
  expect(errorsOf(bench)[0]).toContain('failed to connect to `user=pomerium database=');
  expect(JSON.stringify(bench.logs)).not.toMatch(/secret|wrong/);
  expect((await answer(bench.identity, REGISTRATION)).status).toBe(500);
});

test('a port that nobody listens on', async () => {
  const [port = 0] = await freePorts(1);
  const bench = await start(`postgresql://pomerium:pw@127.0.0.1:${port}/pomerium`);
  expect(errorsOf(bench)[0]).toContain(
    `127.0.0.1:${port} (127.0.0.1): dial error: dial tcp 127.0.0.1:${port}: connect: connection refused`,
  );
});

test('a connection string whose password holds a slash is named without the password', async () => {
  const bench = await start('postgresql://pomerium:pa/ss@127.0.0.1:5432/pomerium');
  expect(errorsOf(bench)[0]).toContain('cannot parse `postgresql://pomerium:xxxxx@127.0.0.1:5432/pomerium`');
  expect(JSON.stringify(bench.logs)).not.toContain('pa/ss');
  expect((await answer(bench.identity, REGISTRATION)).status).toBe(500);
});

test('several gateways that start at once on an empty database make its tables once', async () => {
  const stores = Array.from({ length: 6 }, () => openPostgres(where));
  for (const store of stores) await expect.poll(() => store.failure(), PATIENCE).toBeUndefined();
  const session = aSession();
  await stores[0]?.sessions.add(session);
  for (const store of stores)
    await expect.poll(() => store.sessions.findNow(session.id)?.id, PATIENCE).toBe(session.id);
  expect(await server?.sql(where, 'SELECT version FROM mcpgw.schema_version')).toBe(String(MIGRATIONS.length));
});

test('a schema from the future is refused and left alone', async () => {
  const first = openPostgres(where);
  await expect.poll(() => first.failure(), PATIENCE).toBeUndefined();
  await server?.sql(where, 'UPDATE mcpgw.schema_version SET version = 99');
  const bench = await start();
  expect(errorsOf(bench)[0]).toContain('the database has schema 99, and this version of mcpgw knows schemas up to ');
  expect(bench.identity.storeFailure?.()).toBeDefined();
  expect(await server?.sql(where, 'SELECT version FROM mcpgw.schema_version')).toBe('99');
});

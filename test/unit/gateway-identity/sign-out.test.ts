import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  answer,
  AUTHENTICATE_HOST,
  type Bench,
  bodyOf,
  Browser,
  cookiesOf,
  createBench,
  header,
  obtainTokens,
  pageOf,
  refreshForm,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { readRecording } from './fixture.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
let bench: Bench;
let browser: Browser;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.mischief = {};
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  browser = new Browser(bench.identity);
});

const names = (url: string | undefined): string[] => [...new URL(url ?? '').searchParams.keys()];

test('takes the hops of the recording and ends the session, its tokens and the grant at the provider', async () => {
  const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
  const onRoute = await browser.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`);
  const recorded = readRecording('signout-get');
  const link = header(onRoute, 'location') ?? '';
  expect(names(link)).toEqual(names(recorded.headers['location']));
  expect(cookiesOf(onRoute)).toEqual([
    expect.stringMatching(/^_pomerium=; Path=\/; Expires=[^;]+; Max-Age=0; HttpOnly; Secure$/),
  ]);
  // Dropping the route's cookie alone ends nothing.
  expect(bench.identity.sessionOfToken(accessToken)).toBeDefined();

  const atService = await browser.fetch(link);
  const hop = readRecording('signout-hop-01');
  expect(names(header(atService, 'location'))).toEqual(names(hop.headers['location']));
  expect(cookiesOf(atService)[0]).toMatch(/^_pomerium_authenticate=; .*Max-Age=0/);
  expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
  expect(bench.identity.stats().sessions).toBe(0);
  expect(provider.revoked).toHaveLength(1);
  const refreshed = await requestToken(bench.identity, refreshForm(clientId, refreshToken));
  expect(`${refreshed.status} ${String(refreshed.body).trim()}`).toBe(`400 ${readRecording('signout-refresh').body}`);
});

test('without a signature the service only asks', async () => {
  const { accessToken } = await obtainTokens(browser, provider.issuer);
  const page = await browser.fetch(`https://${AUTHENTICATE_HOST}/.pomerium/sign_out`);
  expect(page.status).toBe(200);
  expect(pageOf(page)['page']).toBe('SignOutConfirm');
  expect(bench.identity.sessionOfToken(accessToken)).toBeDefined();
  await browser.fetch(String(pageOf(page)['url']));
  expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
});

test('ends the session here although the provider is down', async () => {
  const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
  const before = bench.options;
  const link = header(await browser.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`), 'location') ?? '';
  bench.options = { ...bench.options, idp_provider_url: 'http://127.0.0.1:9' };
  const reply = await browser.fetch(link);
  expect(header(reply, 'location')).toBe(`https://${AUTHENTICATE_HOST}/.pomerium/signed_out`);
  expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
  bench.options = before;
  expect((await requestToken(bench.identity, refreshForm(clientId, refreshToken))).status).toBe(400);
  const end = await answer(bench.identity, { host: AUTHENTICATE_HOST, target: '/.pomerium/signed_out' });
  expect(pageOf(end)['page']).toBe('SignedOut');
});

test('sessions of other browsers live on', async () => {
  const other = await obtainTokens(new Browser(bench.identity), provider.issuer);
  await obtainTokens(browser, provider.issuer);
  const link = header(await browser.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`), 'location') ?? '';
  await browser.fetch(link);
  expect(bench.identity.sessionOfToken(other.accessToken)).toBeDefined();
  expect(bodyOf(other.reply)['token_type']).toBe('Bearer');
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  answer,
  AUTHENTICATE_HOST,
  type Bench,
  bodyOf,
  Browser,
  createBench,
  exchangeOf,
  header,
  obtainCode,
  obtainTokens,
  pageOf,
  refreshForm,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { startProvider, type TestProvider } from './provider.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const START = Date.UTC(2026, 0, 1);

let provider: TestProvider;
let bench: Bench;
let browser: Browser;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  // The clock alone: sockets and timers stay real.
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  browser = new Browser(bench.identity);
});
afterEach(() => vi.useRealTimers());

const at = (milliseconds: number): void => void vi.setSystemTime(START + milliseconds);

describe('what Pomerium lets expire', () => {
  test('an External Token and the cookie with their session, at 14 hours', async () => {
    const { accessToken, reply } = await obtainTokens(browser, provider.issuer);
    expect(bodyOf(reply)['expires_in']).toBe(50_400);
    const cookie = browser.cookieHeader(ROUTE_HOST);
    at(14 * HOUR - 1);
    expect(bench.identity.stats()).toEqual({
      sessions: 1,
      users: [{ email: 'alice@company.com', expiresAt: START + 14 * HOUR }],
    });
    expect(bench.identity.sessionOfToken(accessToken)).toBeDefined();
    expect(bench.identity.sessionOfCookies(cookie, ROUTE_HOST)).toBeDefined();
    at(14 * HOUR);
    expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
    expect(bench.identity.sessionOfCookies(cookie, ROUTE_HOST)).toBeUndefined();
    expect(bench.identity.stats().sessions).toBe(0);
  });

  test('a code after ten minutes', async () => {
    const { clientId, code, verifier } = await obtainCode(browser, provider.issuer);
    const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
    at(600 * SECOND);
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_grant' });
    at(599 * SECOND);
    expect((await requestToken(bench.identity, form)).status).toBe(200);
  });

  test('a code with its session', async () => {
    bench.options = { ...bench.options, cookie_expire: 60 * SECOND };
    const { clientId, code, verifier } = await obtainCode(browser, provider.issuer);
    const form = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
    at(60 * SECOND);
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_grant' });
  });

  test('a refresh token after a year; before that it gives a session to whoever let theirs expire', async () => {
    const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
    at(364 * 24 * HOUR);
    expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
    const renewed = bodyOf(await requestToken(bench.identity, refreshForm(clientId, refreshToken)));
    expect(bench.identity.sessionOfToken(String(renewed['access_token']))).toBeDefined();
    const next = String(renewed['refresh_token']);
    at((364 + 365) * 24 * HOUR);
    expect(bodyOf(await requestToken(bench.identity, refreshForm(clientId, next)))).toEqual({ error: 'invalid_grant' });
  });

  test('a sign-in link after five minutes', async () => {
    await obtainCode(browser, provider.issuer);
    const link = bench.identity.signInUrl(exchangeOf({ target: '/x' }));
    at(300 * SECOND);
    expect((await browser.fetch(link)).status).toBe(302);
    at(301 * SECOND);
    expect((await browser.fetch(link)).status).toBe(400);
  });

  test('a sign-in at the provider after five minutes, with a way to try again', async () => {
    const begun = await browser.fetch(bench.identity.signInUrl(exchangeOf({ target: '/x' })));
    const response = await fetch(header(begun, 'location') ?? '', { redirect: 'manual' });
    at(301 * SECOND);
    const page = await browser.fetch(response.headers.get('location') ?? '');
    expect(page.status).toBe(400);
    expect(pageOf(page)['description']).toContain('The request expired.');
    expect(pageOf(page)['description']).toContain(`https://${AUTHENTICATE_HOST}/.pomerium/sign_in?`);
  });

  test('nothing else: a registration is for ever', async () => {
    const { clientId } = await obtainCode(browser, provider.issuer);
    at(10 * 365 * 24 * HOUR);
    const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: 'x' };
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_grant' });
    const home = await answer(bench.identity, { host: AUTHENTICATE_HOST, target: '/' });
    expect(header(home, 'location')).toBe('/.pomerium/');
  });
});

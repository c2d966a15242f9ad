import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bench,
  bodyOf,
  Browser,
  createBench,
  obtainTokens,
  refreshForm,
  registerClient,
  requestToken,
  testOptions,
} from './harness.ts';
import { expectRecorded } from './token-helpers.ts';
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

describe('refresh', () => {
  test('token-refresh, -second, -replay: rotates; the old External Token stays good, the old refresh token does not', async () => {
    const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
    const first = await requestToken(bench.identity, {
      ...refreshForm(clientId, refreshToken),
      resource: 'https://x.test',
      scope: 'x',
    });
    expectRecorded(first, 'token-refresh');
    const renewed = bodyOf(first);
    expect(renewed['refresh_token']).not.toBe(refreshToken);
    expectRecorded(await requestToken(bench.identity, refreshForm(clientId, refreshToken)), 'token-refresh-replay');
    const old = bench.identity.sessionOfToken(accessToken);
    const fresh = bench.identity.sessionOfToken(String(renewed['access_token']));
    expect(old?.id).not.toBe(fresh?.id);
    expect([old?.email, fresh?.email]).toEqual(['alice@company.com', 'alice@company.com']);
    const second = await requestToken(bench.identity, refreshForm(clientId, String(renewed['refresh_token'])));
    expectRecorded(second, 'token-refresh-second');
  });

  test('token-refresh-otherclient, token-refresh-with-access', async () => {
    const { clientId, accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
    const other = String((await registerClient(bench.identity))['client_id']);
    expectRecorded(await requestToken(bench.identity, refreshForm(other, refreshToken)), 'token-refresh-otherclient');
    expectRecorded(await requestToken(bench.identity, refreshForm(clientId, accessToken)), 'token-refresh-with-access');
  });

  test.each([
    ['a provider that rotates', {}],
    ['a provider that does not', { reusableRefreshTokens: true }],
  ])('the same token thrice at once, before %s: one wins', async (_, mischief) => {
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    provider.mischief = mischief;
    const form = refreshForm(clientId, refreshToken);
    const replies = await Promise.all([1, 2, 3].map(() => requestToken(bench.identity, form)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(bench.identity.stats().sessions).toBe(2);
  });

  test('a provider that was replaced in the configuration is not asked with the old one’s token', async () => {
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    bench.options = { ...bench.options, idp_client_id: 'another' };
    const asked = provider.tokenRequests.length;
    const reply = await requestToken(bench.identity, refreshForm(clientId, refreshToken));
    expect(bodyOf(reply)).toEqual({ error: 'invalid_grant' });
    expect(provider.tokenRequests).toHaveLength(asked);
  });

  test('takes over what the identity provider says now', async () => {
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    const before = provider.user;
    provider.user = { ...before, groups: ['only-this'] };
    const renewed = bodyOf(await requestToken(bench.identity, refreshForm(clientId, refreshToken)));
    provider.user = before;
    expect(bench.identity.sessionOfToken(String(renewed['access_token']))?.claims['groups']).toEqual(['only-this']);
  });

  test('idpnorefresh-refresh: a token is issued, but cannot be used without one of the provider', async () => {
    provider.mischief = { noRefreshToken: true };
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    expectRecorded(await requestToken(bench.identity, refreshForm(clientId, refreshToken)), 'idpnorefresh-refresh');
    expect(bench.logs.at(-1)).toMatchObject({
      message: 'mcp/token: refused',
      reason: expect.stringContaining('offline_access') as string,
    });
  });

  test.each([
    ['refuses', { token: 'error' }],
    ['answers rubbish', { token: 'rubbish' }],
    ['names another person', { userinfo: 'other-subject' }],
    ['names another person at userinfo alone', { token: 'no-id-token', userinfo: 'other-subject' }],
  ] as const)('the provider %s: invalid_grant, and the refresh token is good for another try', async (_, mischief) => {
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    provider.mischief = mischief;
    const form = refreshForm(clientId, refreshToken);
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_grant' });
    provider.mischief = {};
    // Only a provider that never saw its own token can give another one.
    const again = await requestToken(bench.identity, form);
    expect(again.status).toBe('userinfo' in mischief ? 400 : 200);
  });

  test('claims that the provider does not repeat stay', async () => {
    const { clientId, refreshToken } = await obtainTokens(browser, provider.issuer);
    provider.mischief = { token: 'no-id-token' };
    const renewed = bodyOf(await requestToken(bench.identity, refreshForm(clientId, refreshToken)));
    expect(bench.identity.sessionOfToken(String(renewed['access_token']))?.claims).toMatchObject({ aud: 'pomerium' });
  });
});

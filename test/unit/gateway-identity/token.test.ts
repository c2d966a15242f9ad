import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainCode,
  obtainTokens,
  OTHER_HOST,
  refreshForm,
  registerClient,
  requestToken,
  testOptions,
} from './harness.ts';
import { expectRecorded, goodForm, without } from './token-helpers.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
let bench: Bench;
let browser: Browser;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  provider.mischief = {};
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  browser = new Browser(bench.identity);
});

/** Each recording and the request that leads to it here; `form` starts from a good request for a fresh code. */
const RECORDED: Record<string, (form: Record<string, string>) => Record<string, string>> = {
  'token-badgrant': (form) => ({ ...form, grant_type: 'password' }),
  'token-clientcredentials': ({ client_id = '' }) => ({ grant_type: 'client_credentials', client_id }),
  'token-garbagecode': (form) => ({ ...form, code: 'garbage' }),
  'token-good-after-wrongverifier': (form) => ({
    ...form,
    redirect_uri: 'http://wrong.example/',
    resource: 'https://x.test',
  }),
  'token-noclient': (form) => without(form, 'client_id'),
  'token-nocode': (form) => without(form, 'code'),
  'token-nogrant': (form) => without(form, 'grant_type'),
  'token-noverifier': (form) => without(form, 'code_verifier'),
  'token-shortverifier': (form) => ({ ...form, code_verifier: 'abc' }),
  'token-unknownclient': (form) => ({ ...form, client_id: 'nope' }),
  'token-wrongverifier': (form) => ({ ...form, code_verifier: 'x'.repeat(43) }),
  'token-refresh-garbage': ({ client_id = '' }) => refreshForm(client_id, 'garbage'),
  'token-refresh-missing': ({ client_id = '' }) => ({ grant_type: 'refresh_token', client_id }),
};

function broken(faults: string[]): Bench {
  return createBench(testOptions({ idp_provider_url: provider.issuer }), { faults });
}

describe('recorded token requests', () => {
  test.each(Object.keys(RECORDED))('%s', async (name) => {
    const form = RECORDED[name]?.(await goodForm(browser, provider.issuer)) ?? {};
    expectRecorded(await requestToken(bench.identity, form), name);
  });

  test('token-query: parameters may stand in the query', async () => {
    const query = new URLSearchParams(await goodForm(browser, provider.issuer)).toString();
    expectRecorded(await requestToken(bench.identity, {}, { target: `/.pomerium/mcp/token?${query}` }), 'token-query');
  });

  test('token-jsonbody: a JSON body is not read', async () => {
    const form = await goodForm(browser, provider.issuer);
    const reply = await requestToken(bench.identity, form, { headers: { 'content-type': 'application/json' } });
    expectRecorded(reply, 'token-jsonbody');
  });

  test('token-replay: a code is good once, and its tokens stay good', async () => {
    const form = await goodForm(browser, provider.issuer);
    const first = bodyOf(await requestToken(bench.identity, form));
    expectRecorded(await requestToken(bench.identity, form), 'token-replay');
    expect(bench.identity.sessionOfToken(String(first['access_token']))).toBeDefined();
  });

  test('a failed proof does not consume the code', async () => {
    const form = await goodForm(browser, provider.issuer);
    await requestToken(bench.identity, { ...form, code_verifier: 'x'.repeat(43) });
    expectRecorded(await requestToken(bench.identity, form), 'token-good-after-wrongverifier');
  });

  test('token-otherclient: a code belongs to its client', async () => {
    const form = await goodForm(browser, provider.issuer);
    const other = await registerClient(bench.identity);
    expectRecorded(
      await requestToken(bench.identity, { ...form, client_id: String(other['client_id']) }),
      'token-otherclient',
    );
    expectRecorded(await requestToken(bench.identity, form), 'token-otherhost');
  });

  test('token-otherhost: any host of the installation redeems it', async () => {
    expectRecorded(
      await requestToken(bench.identity, await goodForm(browser, provider.issuer), { host: OTHER_HOST }),
      'token-otherhost',
    );
  });

  test('token-plainpkce: the challenge may be the verifier itself', async () => {
    const verifier = 'a'.repeat(50);
    const parameters = { code_challenge: verifier, code_challenge_method: 'plain' };
    const form = { ...(await goodForm(browser, provider.issuer, { parameters })), code_verifier: verifier };
    expectRecorded(await requestToken(bench.identity, form), 'token-plainpkce');
  });
});

describe('tokens', () => {
  test('look like Pomerium: 128 characters of base64, fifty thousand seconds', async () => {
    const { reply } = await obtainTokens(browser, provider.issuer);
    const body = bodyOf(reply);
    expect(body['access_token']).toMatch(/^[A-Za-z0-9+/]{126}==$/);
    expect(body['refresh_token']).toMatch(/^[A-Za-z0-9+/]{126}==$/);
    expect(body['expires_in']).toBe(50_399);
  });

  test('a changed token, another spelling of it, a refresh token and a code are no External Token', async () => {
    const { accessToken, refreshToken } = await obtainTokens(browser, provider.issuer);
    const { code } = await obtainCode(browser, provider.issuer);
    const changed = `${accessToken.slice(0, 60)}${accessToken[60] === 'A' ? 'B' : 'A'}${accessToken.slice(61)}`;
    for (const wrong of [changed, `${accessToken} `, accessToken.slice(0, -1), refreshToken, code, '', 'x', '💥']) {
      expect(bench.identity.sessionOfToken(wrong)).toBeUndefined();
    }
    expect(bench.identity.sessionOfToken(accessToken)?.email).toBe('alice@company.com');
  });

  test('die with a change of the shared secret', async () => {
    const { accessToken } = await obtainTokens(browser, provider.issuer);
    const before = bench.options;
    expect(bench.identity.sessionOfToken(accessToken)).toBeDefined();
    bench.options = { ...before, shared_secret: Buffer.alloc(32, 1).toString('base64') };
    expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
    bench.options = before;
    expect(bench.identity.sessionOfToken(accessToken)).toBeDefined();
  });
});

describe('faults', () => {
  test('refuse-refresh', async () => {
    const { identity } = broken(['refuse-refresh']);
    const { clientId, refreshToken } = await obtainTokens(new Browser(identity), provider.issuer);
    expect(bodyOf(await requestToken(identity, refreshForm(clientId, refreshToken)))).toEqual({
      error: 'invalid_grant',
    });
  });

  test('wrong-content-type-token', async () => {
    const { reply } = await obtainTokens(new Browser(broken(['wrong-content-type-token']).identity), provider.issuer);
    expect([reply.status, header(reply, 'content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('slow-token waits before it answers', async () => {
    const { identity } = broken(['slow-token=50']);
    const first = await Promise.race([
      requestToken(identity, {}),
      new Promise((resolve) => setImmediate(resolve, 'nothing yet')),
    ]);
    expect(first).toBe('nothing yet');
    expect((await requestToken(identity, {})).status).toBe(400);
  });
});

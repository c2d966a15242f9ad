import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, bodyOf, Browser, createBench, registerClient, requestToken, testOptions } from './harness.ts';
import { expectRecorded, goodForm, without } from './token-helpers.ts';
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

async function confidential(method: string): Promise<{ id: string; secret: string; form: Record<string, string> }> {
  const client = await registerClient(bench.identity, { token_endpoint_auth_method: method });
  const [id, secret] = [String(client['client_id']), String(client['client_secret'])];
  return { id, secret, form: await goodForm(browser, provider.issuer, { clientId: id }) };
}

function basic(id: string, secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}

describe('client authentication', () => {
  test('token-post-good, token-post-nosecret, token-post-wrongsecret', async () => {
    const { secret, form } = await confidential('client_secret_post');
    expectRecorded(await requestToken(bench.identity, form), 'token-post-nosecret');
    expectRecorded(await requestToken(bench.identity, { ...form, client_secret: 'wrong' }), 'token-post-wrongsecret');
    expectRecorded(await requestToken(bench.identity, { ...form, client_secret: secret }), 'token-post-good');
  });

  test('token-basic-good: the id may come from the header alone', async () => {
    const { id, secret, form } = await confidential('client_secret_basic');
    expectRecorded(
      await requestToken(bench.identity, without(form, 'client_id'), { headers: basic(id, secret) }),
      'token-basic-good',
    );
  });

  test('a form-encoded header is understood too', async () => {
    const { id, secret, form } = await confidential('client_secret_basic');
    const headers = basic(encodeURIComponent(id), encodeURIComponent(secret));
    expect((await requestToken(bench.identity, form, { headers })).status).toBe(200);
  });

  test('stricter than Pomerium: a basic client with a wrong secret, or without one, gets nothing', async () => {
    const { id, form } = await confidential('client_secret_basic');
    expect(bodyOf(await requestToken(bench.identity, form, { headers: basic(id, 'wrong') }))).toEqual({
      error: 'invalid_request',
    });
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_request' });
  });

  test('a confidential client may leave PKCE out, but not bring a verifier for a challenge it never sent', async () => {
    const client = await registerClient(bench.identity, { token_endpoint_auth_method: 'client_secret_post' });
    const [clientId, secret] = [String(client['client_id']), String(client['client_secret'])];
    const form: Record<string, string> = {
      ...(await goodForm(browser, provider.issuer, { clientId, omitChallenge: true })),
      client_secret: secret,
    };
    expect(bodyOf(await requestToken(bench.identity, form))).toEqual({ error: 'invalid_grant' });
    expect((await requestToken(bench.identity, without(form, 'code_verifier'))).status).toBe(200);
  });
});

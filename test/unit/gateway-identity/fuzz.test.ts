import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reply } from '../../../src/gateway/exchange.ts';
import {
  AUTHENTICATE_HOST,
  type Bench,
  Browser,
  CALLBACK,
  createBench,
  obtainCode,
  registerClient,
  ROUTE_HOST,
  send,
  type Sent,
  testOptions,
} from './harness.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
let bench: Bench;
let cookie: string;
let clientId: string;
let code: string;

beforeAll(async () => {
  provider = await startProvider();
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  const browser = new Browser(bench.identity);
  ({ clientId, code } = await obtainCode(browser, provider.issuer));
  cookie = browser.cookieHeader(ROUTE_HOST) ?? '';
  await registerClient(bench.identity, { token_endpoint_auth_method: 'client_secret_post' });
});
afterAll(() => provider.close());

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom(
    '',
    'code',
    'S256',
    'plain',
    CALLBACK,
    'https://a.test/x',
    'https://a.test/../x',
    'HTTPS://[',
    'a'.repeat(43),
  ),
);

function parameters(names: string[]): fc.Arbitrary<[string, string][]> {
  const known = fc.constantFrom(...names);
  return fc.array(fc.tuple(fc.oneof(known, text), text), { maxLength: 10 });
}

/** Neither thrown nor a 500, and nothing in a header that could end it. */
async function expectSane(sent: Sent): Promise<void> {
  const reply: Reply | undefined = await send(bench.identity, sent);
  if (!reply) return;
  expect(reply.status === 200 || reply.status === 302 || (reply.status >= 400 && reply.status < 500)).toBe(true);
  for (const [name, value] of reply.headers) expect(`${name}${value}`).not.toMatch(/[^\x20-\x7e]/);
}

test('registration takes any body', async () => {
  const member = fc.constantFrom(
    'redirect_uris',
    'redirectUris',
    'client_name',
    'scope',
    'jwks',
    'jwks_uri',
    'contacts',
    'x',
    '__proto__',
  );
  const body = fc.oneof(
    text,
    fc.json(),
    fc
      .dictionary(member, fc.oneof(fc.jsonValue(), fc.array(text)), { maxKeys: 6 })
      .map((value) => JSON.stringify(value)),
    fc.json().map((value) => value.slice(0, -1)),
  );
  const property = fc.asyncProperty(body, (sent) =>
    expectSane({ method: 'POST', target: '/.pomerium/mcp/register', body: sent }),
  );
  await fc.assert(property, { numRuns: 500 });
});

test('authorization takes any query, encoded or raw', async () => {
  const names = ['client_id', 'response_type', 'redirect_uri', 'code_challenge', 'code_challenge_method', 'state'];
  const query = fc.oneof(
    parameters(names).map((pairs) => {
      const good = { client_id: clientId, response_type: 'code', code_challenge: 'a'.repeat(43) };
      return new URLSearchParams([...Object.entries(good), ...pairs]).toString();
    }),
    parameters(names).map((pairs) => new URLSearchParams(pairs).toString()),
    fc.string({ maxLength: 100 }),
  );
  const property = fc.asyncProperty(query, (raw) =>
    expectSane({ target: `/.pomerium/mcp/authorize?${raw}`, headers: { cookie } }),
  );
  await fc.assert(property, { numRuns: 500 });
});

test('a redirect leads to a registered place only', async () => {
  const near = fc.tuple(
    fc.constantFrom('http', 'https', 'HTTP'),
    fc.constantFrom('127.0.0.1', 'localhost', 'evil.test'),
    text,
  );
  const uri = fc.oneof(
    text,
    near.map(([scheme, host, rest]) => `${scheme}://${host}${rest}`),
    near.map(([scheme, host, rest]) => `${scheme}://${rest}${host}/callback`),
    text.map((rest) => `${CALLBACK}${rest}`),
  );
  const property = fc.asyncProperty(uri, async (redirectUri) => {
    const query = {
      client_id: clientId,
      response_type: 'code',
      code_challenge: 'a'.repeat(43),
      redirect_uri: redirectUri,
    };
    const target = `/.pomerium/mcp/authorize?${new URLSearchParams(query).toString()}`;
    const reply = await send(bench.identity, { target, headers: { cookie } });
    const location = reply?.headers.find(([name]) => name === 'Location')?.[1];
    if (redirectUri === '' || location === undefined) return;
    const { hostname, pathname, protocol } = new URL(location);
    expect([protocol, hostname, pathname]).toEqual(['http:', '127.0.0.1', '/callback']);
  });
  await fc.assert(property, { numRuns: 500 });
});

test('the token endpoint takes any form and any credentials', async () => {
  const names = ['grant_type', 'client_id', 'client_secret', 'code', 'code_verifier', 'refresh_token'];
  const form = fc.oneof(
    parameters(names).map((pairs) => new URLSearchParams(pairs).toString()),
    parameters(names).map((pairs) =>
      new URLSearchParams([
        ...Object.entries({ grant_type: 'authorization_code', client_id: clientId, code }),
        ...pairs,
      ]).toString(),
    ),
    text,
  );
  const authorization = fc.oneof(
    text,
    text.map((value) => `Basic ${Buffer.from(value).toString('base64')}`),
  );
  const property = fc.asyncProperty(form, authorization, (body, credentials) =>
    expectSane({
      method: 'POST',
      target: '/.pomerium/mcp/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: credentials },
      body,
    }),
  );
  await fc.assert(property, { numRuns: 500 });
});

test('the hops of a sign-in take any query and any cookies', async () => {
  const names = [
    'pomerium_redirect_uri',
    'pomerium_signature',
    'pomerium_expiry',
    'pomerium_issued',
    'pomerium_session_encrypted',
    'pomerium_idp_id',
    'state',
    'code',
    'error',
  ];
  const path = fc.constantFrom(
    '/oauth2/callback',
    '/.pomerium/sign_in',
    '/.pomerium/sign_out',
    '/.pomerium/callback/',
    '/.pomerium/',
  );
  const cookies = fc.oneof(
    fc.constant(cookie),
    text.map((value) => `_pomerium=${value}; _pomerium_csrf=${value}; _pomerium_authenticate=${value}`),
  );
  const host = fc.constantFrom(ROUTE_HOST, AUTHENTICATE_HOST);
  const property = fc.asyncProperty(path, host, parameters(names), cookies, (where, at, pairs, header) =>
    expectSane({
      host: at,
      target: `${where}?${new URLSearchParams(pairs).toString()}`,
      headers: { cookie: header, accept: 'text/html' },
    }),
  );
  await fc.assert(property, { numRuns: 300 });
});

test('any text is a token of nobody', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.base64String({ minLength: 120, maxLength: 132 })), (token) => {
      expect(bench.identity.sessionOfToken(token)).toBeUndefined();
    }),
  );
});

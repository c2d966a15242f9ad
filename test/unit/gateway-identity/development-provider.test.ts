import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIdp, type Idp } from '../../../src/idp/index.ts';
import {
  AUTHENTICATE_HOST,
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainTokens,
  refreshForm,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { freePorts } from '../../helpers/program.ts';

let idp: Idp;
let issuer: string;
let bench: Bench;

beforeAll(async () => {
  // The issuer has to be known before the provider listens.
  const [port = 0] = await freePorts(1);
  issuer = `http://127.0.0.1:${port}`;
  idp = await startIdp({
    issuer,
    listen: { host: '127.0.0.1', port },
    stateFile: ':memory:',
    users: {
      member: { email: 'member@example.com', name: 'Member', groups: ['staff'], claims: { department: 'tools' } },
    },
    client: { id: 'mcpgw', secret: 'secret', redirectUris: [`https://${AUTHENTICATE_HOST}/oauth2/callback`] },
    log: () => undefined,
  });
  bench = createBench(
    testOptions({
      idp_provider_url: issuer,
      idp_client_id: 'mcpgw',
      idp_scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
    }),
  );
});
afterAll(() => idp.close());

/** Goes through the provider's own pages as its scripted sign-in does. */
async function atProvider(url: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let next = url; ;) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { 'x-mcpgw-sign-in': 'member', cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
    next = new URL(location, next).href;
    if (!next.startsWith(issuer)) return next;
  }
}

test('signs in through the development identity provider, refreshes with it and ends with it', async () => {
  const browser = new Browser(bench.identity, atProvider);
  const { clientId, accessToken, refreshToken } = await obtainTokens(browser, issuer);
  expect(bench.identity.sessionOfToken(accessToken)).toMatchObject({
    email: 'member@example.com',
    name: 'Member',
    claims: { groups: ['staff'], department: 'tools' },
  });

  const renewed = bodyOf(await requestToken(bench.identity, refreshForm(clientId, refreshToken)));
  expect(bench.identity.sessionOfToken(String(renewed['access_token']))?.email).toBe('member@example.com');

  const link = header(await browser.fetch(`https://${ROUTE_HOST}/.pomerium/sign_out`), 'location') ?? '';
  const end = await browser.fetch(link);
  expect(header(end, 'location')).toContain(`${issuer}/`);
  expect(bench.identity.sessionOfToken(accessToken)).toBeUndefined();
  const after = await requestToken(bench.identity, refreshForm(clientId, String(renewed['refresh_token'])));
  expect(bodyOf(after)).toEqual({ error: 'invalid_grant' });
});

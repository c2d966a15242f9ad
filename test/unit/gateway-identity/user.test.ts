import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainTokens,
  pageOf,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { startProvider, type TestProvider } from './provider.ts';

let provider: TestProvider;
let bench: Bench;
let browser: Browser;

beforeAll(async () => {
  provider = await startProvider();
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  browser = new Browser(bench.identity);
  await obtainTokens(browser, provider.issuer);
});
afterAll(() => provider.close());

const visit = (path: string) => browser.fetch(`https://${ROUTE_HOST}${path}`);

describe('/.pomerium/user', () => {
  test('says of the claims of jwt_claims_headers what the assertion says: lists as text, and none twice', async () => {
    bench.options = {
      ...bench.options,
      jwt_claims_headers: { 'x-locale': 'locale', 'x-g': 'groups', 'x-none': 'nosuch' },
    };
    expect(bodyOf(await visit('/.pomerium/user'))).toEqual({
      email: 'alice@company.com',
      groups: ['admins', 'engineering'],
      locale: 'en',
      name: 'Alice TestUser',
      sid: expect.any(String) as unknown,
      sub: 'alice',
      user: 'alice',
    });
  });
});

describe('the user page', () => {
  test('says who is signed in, and where to go from there', async () => {
    const page = await visit('/.pomerium/');
    expect(pageOf(page)).toMatchObject({
      page: 'UserInfo',
      user: { id: 'alice' },
      runtimeFlags: { mcp: true, routes_portal: true },
    });
    expect(String(page.body)).toContain('Signed in as alice@company.com.');
    expect(String(page.body)).toContain('href="/.pomerium/routes"');
    expect(String(page.body)).toContain('href="/.pomerium/sign_out"');
  });

  test('says that nobody is', async () => {
    const page = await new Browser(bench.identity).fetch(`https://${ROUTE_HOST}/.pomerium/`);
    expect(pageOf(page)).toMatchObject({ session: null, user: null });
    expect(String(page.body)).toContain('Nobody is signed in.');
  });
});

const end = async (query = '') => {
  const reply = await visit(`/.pomerium/sign_out${query}`);
  return new URL(header(reply, 'location') ?? '').searchParams.get('pomerium_redirect_uri');
};

describe('where signing out ends', () => {
  const ELSEWHERE = '?pomerium_redirect_uri=https%3A%2F%2Felsewhere.example%2F';

  test('nobody else decides, unless allow_any_sign_out_redirect_uri lets them', async () => {
    const { options } = bench;
    expect(await end(ELSEWHERE)).toBeNull();
    bench.options = { ...options, rest: { signout_redirect_url: 'https://company.com/bye' } };
    expect(await end(ELSEWHERE)).toBe('https://company.com/bye');
    bench.options = { ...options, runtime_flags: { ...options.runtime_flags, allow_any_sign_out_redirect_uri: true } };
    expect(await end(ELSEWHERE)).toBe('https://elsewhere.example/');
    expect(await end('?pomerium_redirect_uri=javascript%3Aalert(1)')).toBeNull();
    bench.options = options;
  });
});

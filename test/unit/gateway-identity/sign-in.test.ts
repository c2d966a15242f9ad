import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readRecording } from './fixture.ts';
import {
  answer,
  AUTHENTICATE_HOST,
  authorizeTarget,
  type Bench,
  bodyOf,
  Browser,
  CALLBACK,
  cookiesOf,
  createBench,
  createPkce,
  exchangeOf,
  header,
  obtainCode,
  obtainTokens,
  pageOf,
  registerClient,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { ALICE, startProvider, type TestProvider } from './provider.ts';

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

/** Names of parameters, in order. */
function parameterNames(url: string): string[] {
  return [...new URL(url).searchParams.keys()];
}

/** A Set-Cookie line with what differs from run to run blanked. */
function shape(line: string): string {
  return line
    .replace(/^(_pomerium_pkce_)[^=]*/, '$1#')
    .replace(/=[^;]+;/, '=#;')
    .replace(/Expires=[^;]+/, 'Expires=#');
}

async function signIn(): Promise<number> {
  const { challenge } = createPkce();
  const client = await registerClient(bench.identity);
  const target = authorizeTarget({
    response_type: 'code',
    client_id: String(client['client_id']),
    redirect_uri: CALLBACK,
    code_challenge: challenge,
  });
  return (await browser.open(`https://${ROUTE_HOST}${target}`, provider.issuer)).status;
}

function atService(target: string) {
  return answer(bench.identity, { host: AUTHENTICATE_HOST, target });
}

describe('the whole sign-in', () => {
  test('takes the hops that Pomerium takes, with its parameters, cookies and headers', async () => {
    await obtainCode(browser, provider.issuer);
    const ours = browser.hops.map(({ url, reply }) => ({
      host: new URL(url).host,
      path: new URL(url).pathname,
      reply,
    }));
    const recordings = ['01', '02', '07', '08', '09', '10'].map((number) => readRecording(`flow-authorize-${number}`));
    expect(ours.map(({ host, path }) => `${host}${path}`)).toEqual(
      recordings.map(({ host, target }) => `${host}${target.split('?')[0]}`),
    );
    for (const [index, recording] of recordings.entries()) {
      const { reply } = ours[index] ?? { reply: undefined };
      const location = header(reply ?? { status: 0, headers: [], body: '' }, 'location') ?? '';
      expect(reply?.status).toBe(recording.status);
      expect(parameterNames(location)).toEqual(parameterNames(recording.headers['location'] ?? ''));
      // The first answer is the gateway core's: it only asks for the URL.
      if (index === 0 || !reply) continue;
      expect(cookiesOf(reply).map(shape)).toEqual(recording.cookies.map(shape));
      expect(header(reply, 'content-type')).toBe(recording.headers['content-type']);
      expect(header(reply, 'x-pomerium-intercepted-response')).toBe(
        recording.headers['x-pomerium-intercepted-response'],
      );
      expect(String(reply.body)).toMatch(/^<a href="[^"<>]+">Found<\/a>\.\n\n$/);
    }
  });

  test('sorts the parameters of the way back as Go does', async () => {
    const exchange = exchangeOf({ target: '/.pomerium/mcp/authorize?state=a~b%20c&client_id=x' });
    const url = new URL(bench.identity.signInUrl(exchange));
    expect(url.origin).toBe(`https://${AUTHENTICATE_HOST}`);
    expect(url.searchParams.get('pomerium_redirect_uri')).toBe(
      `https://${ROUTE_HOST}/.pomerium/mcp/authorize?client_id=x&state=a~b+c`,
    );
    expect(url.search).toContain('state%3Da~b%2Bc');
  });

  test('merges the claims of id_token and userinfo into the session', async () => {
    const { accessToken } = await obtainTokens(browser, provider.issuer);
    expect(bench.identity.sessionOfToken(accessToken)).toMatchObject({
      userId: 'alice',
      email: ALICE.email,
      name: ALICE.name,
      claims: { groups: ALICE.groups, locale: 'en', sub: 'alice' },
    });
  });

  test('a second host needs no second sign-in at the provider', async () => {
    const { clientId } = await obtainCode(browser, provider.issuer);
    browser.hops.length = 0;
    const { challenge } = createPkce();
    const target = authorizeTarget({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: CALLBACK,
      code_challenge: challenge,
    });
    const reply = await browser.open(`https://bare.corp.test:18443${target}`, provider.issuer);
    expect(header(reply, 'location')).toContain(`${CALLBACK}?code=`);
    expect(browser.hops.map(({ url }) => new URL(url).pathname)).not.toContain('/oauth2/callback');
  });

  test('a change of the provider’s settings calls for a new sign-in at the authenticate service', async () => {
    await obtainCode(browser, provider.issuer);
    bench.options = { ...bench.options, idp_scopes: ['openid'] };
    const reply = await browser.fetch(bench.identity.signInUrl(exchangeOf({ target: '/x' })));
    expect(header(reply, 'location')).toContain(provider.issuer);
  });

  test('the session lives as long as cookie_expire says', async () => {
    bench.options = { ...bench.options, cookie_expire: 60_000 };
    const { reply } = await obtainTokens(browser, provider.issuer);
    expect([58, 59, 60]).toContain(bodyOf(reply)['expires_in']);
  });

  test('shows the user page to whoever is signed in, and sends others to the provider', async () => {
    const before = await answer(bench.identity, { host: AUTHENTICATE_HOST, target: '/.pomerium/' });
    expect(header(before, 'location')).toContain(provider.issuer);
    await obtainCode(browser, provider.issuer);
    const page = await browser.fetch(`https://${AUTHENTICATE_HOST}/.pomerium/`);
    expect(pageOf(page)).toMatchObject({ page: 'UserInfo', user: { email: ALICE.email } });
    const onRoute = await answer(bench.identity, { target: '/.pomerium/' });
    expect(pageOf(onRoute)).toMatchObject({ page: 'UserInfo', session: null, user: null });
  });

  test('/.pomerium/user answers with the members of the recording', async () => {
    await obtainCode(browser, provider.issuer);
    const reply = await browser.fetch(`https://${ROUTE_HOST}/.pomerium/user`);
    const recorded = JSON.parse(readRecording('portal-user').body) as Record<string, unknown>;
    const { sid, ...rest } = bodyOf(reply);
    expect(sid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.keys(bodyOf(reply))).toEqual(Object.keys(recorded));
    expect({ ...rest, sid: recorded['sid'] }).toEqual(recorded);
  });
});

describe('cookies', () => {
  test('carry the configured name, domain and SameSite', async () => {
    bench.options = { ...bench.options, cookie_name: '_gw', cookie_domain: 'corp.test', cookie_same_site: 'lax' };
    await obtainCode(browser, provider.issuer);
    const set = browser.hops.flatMap(({ reply }) => cookiesOf(reply)).find((line) => line.startsWith('_gw='));
    expect(set).toMatch(/; Path=\/; Domain=corp\.test; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/);
  });

  test('a cookie that was changed, or signed with another secret, is nobody', async () => {
    await obtainCode(browser, provider.issuer);
    const cookie = browser.cookieHeader(ROUTE_HOST) ?? '';
    expect(bench.identity.sessionOfCookies(cookie, ROUTE_HOST)?.email).toBe(ALICE.email);
    expect(bench.identity.sessionOfCookies(`a=b; ${cookie}; c=d`, ROUTE_HOST)?.email).toBe(ALICE.email);
    const [head = '', body = '', signature = ''] = cookie.split('.');
    expect(bench.identity.sessionOfCookies(`${head}.${body}A.${signature}`, ROUTE_HOST)).toBeUndefined();
    expect(bench.identity.sessionOfCookies(`${head}.${body}`, ROUTE_HOST)).toBeUndefined();
    expect(bench.identity.sessionOfCookies('_pomerium=x', ROUTE_HOST)).toBeUndefined();
    bench.options = { ...bench.options, shared_secret: Buffer.alloc(32, 9).toString('base64') };
    expect(bench.identity.sessionOfCookies(cookie, ROUTE_HOST)).toBeUndefined();
  });
});

describe('what is not ours is refused', () => {
  test('a sign-in link that was changed', async () => {
    await obtainCode(browser, provider.issuer);
    const link = bench.identity.signInUrl(exchangeOf({ target: '/x' }));
    const changed = link.replace('mcp.corp.test', 'evil.corp.test');
    expect((await browser.fetch(link)).status).toBe(302);
    expect((await browser.fetch(changed)).status).toBe(400);
  });

  test('an unsigned callback, and one with another session in it', async () => {
    await obtainCode(browser, provider.issuer);
    const callback = browser.hops.map(({ url }) => url).find((url) => url.includes('/.pomerium/callback/')) ?? '';
    expect((await browser.fetch(callback)).status).toBe(302);
    const changed = callback.replace(
      /(pomerium_session_encrypted=)(.)/,
      (_, name: string, first: string) => name + (first === 'A' ? 'B' : 'A'),
    );
    expect((await browser.fetch(changed)).status).toBe(400);
    const elsewhere = callback.replace(/(pomerium_redirect_uri=)[^&]*/, '$1https%3A%2F%2Fevil.example%2F');
    expect((await browser.fetch(elsewhere)).status).toBe(400);
    expect((await answer(bench.identity, { target: '/.pomerium/callback/' })).status).toBe(400);
  });

  test('a provider callback in another browser than the one that began', async () => {
    const begun = await browser.fetch(bench.identity.signInUrl(exchangeOf({ target: '/x' })));
    const response = await fetch(header(begun, 'location') ?? '', { redirect: 'manual' });
    const callback = new URL(response.headers.get('location') ?? '');
    const target = `${callback.pathname}${callback.search}`;
    const elsewhere = await answer(bench.identity, { host: AUTHENTICATE_HOST, target });
    expect(elsewhere.status).toBe(400);
    expect(bench.logs.at(-1)).toMatchObject({ message: 'authenticate: sign-in failed' });
    expect((await browser.fetch(callback.href)).status).toBe(302);
  });

  test('a callback without its state, and one that was invented', async () => {
    expect((await atService('/oauth2/callback')).status).toBe(400);
    expect((await atService('/oauth2/callback?code=x&state=YWJj')).status).toBe(400);
  });

  test('a script gets 401 where a browser would be redirected', async () => {
    const headers = { 'x-requested-with': 'XMLHttpRequest', accept: 'application/json' };
    const reply = await answer(bench.identity, { host: AUTHENTICATE_HOST, target: '/.pomerium/sign_in', headers });
    expect(reply.status).toBe(401);
  });
});

describe('a provider that fails', () => {
  test.each([
    ['answers discovery with rubbish', { discovery: 'broken' }, 500],
    ['denies the person', { deny: true }, 401],
    ['refuses the code', { token: 'error' }, 500],
    ['answers the token request with a page', { token: 'rubbish' }, 500],
    ['signs with a key that is not its own', { token: 'wrong-key' }, 500],
    ['names another audience', { token: 'wrong-audience' }, 500],
    ['sends no id_token', { token: 'no-id-token' }, 500],
    ['fails at userinfo', { userinfo: 'error' }, 500],
    ['names another person at userinfo', { userinfo: 'other-subject' }, 500],
  ] as const)('%s: an error page and a line in the log', async (_, mischief, status) => {
    provider.mischief = mischief;
    expect(await signIn()).toBe(status);
    expect(bench.logs.at(-1)?.message).toMatch(/sign/);
    expect(bench.identity.stats().sessions).toBe(0);
  });

  test('is down: 500, and the next sign-in after its return works', async () => {
    bench.options = { ...bench.options, idp_provider_url: 'http://127.0.0.1:9' };
    expect(await signIn()).toBe(500);
    expect(JSON.stringify(bench.logs)).toContain('ECONNREFUSED');
    bench.options = { ...bench.options, idp_provider_url: provider.issuer };
    expect(await signIn()).toBe(302);
  });

  test('may change its keys between two sign-ins', async () => {
    await obtainCode(browser, provider.issuer);
    await provider.rotateKeys();
    await obtainCode(new Browser(bench.identity), provider.issuer);
    expect(bench.identity.stats().sessions).toBe(2);
  });

  test.each([
    ['no provider', { idp_provider: undefined }, 'identity: provider is not defined'],
    ['an unknown one', { idp_provider: 'acme' }, 'identity: unknown provider: acme'],
    ['one without URL', { idp_provider_url: undefined }, 'identity/oidc: missing provider url'],
    ['github', { idp_provider: 'github' }, 'not available'],
  ])('%s: starts with a warning, sign-in is a 500', async (_, changes, text) => {
    const other = createBench(testOptions({ idp_provider_url: provider.issuer, ...changes }));
    expect(other.logs[0]).toMatchObject({ level: 'warn', reason: expect.stringContaining(text) as string });
    const reply = await answer(other.identity, { host: AUTHENTICATE_HOST, target: '/.pomerium/sign_in' });
    expect(reply.status).toBe(500);
  });
});

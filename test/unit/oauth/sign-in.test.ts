import { afterEach, describe, expect, test } from 'vitest';
import { obtainToken, type ObtainTokenOptions } from '../../../src/oauth/index.ts';
import { json, optionsFor, startWorld, type Knobs, type World } from './world.ts';

let world: World;
afterEach(async () => world?.close());

async function attempt(knobs: Knobs, more: Partial<ObtainTokenOptions> = {}): Promise<unknown> {
  world = await startWorld(knobs);
  return obtainToken(optionsFor(world, more)).catch((error: unknown) => error);
}

describe('the authorization request', () => {
  test('carries PKCE, state, the resource and a loopback redirect, and the exchange repeats what it must', async () => {
    world = await startWorld();
    const token = await obtainToken(optionsFor(world));
    const [asked] = world.authorizations;
    const [exchanged] = world.exchanges;
    expect(Object.fromEntries(asked ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: world.server.href,
      client_id: token.clientId,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    });
    expect(asked?.get('state')?.length).toBeGreaterThan(21);
    expect(Object.fromEntries(exchanged ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      resource: world.server.href,
      client_id: token.clientId,
      redirect_uri: asked?.get('redirect_uri'),
    });
    expect(token).toMatchObject({ tokenType: 'Bearer', from: 'sign-in', resource: world.server.href });
  });

  test.each([
    ['the user’s own scopes first', { scope: 'mine' }, { scopes_supported: ['offline_access'] }, 'mine'],
    ['offline_access only where it is offered', {}, { scopes_supported: ['offline_access'] }, 'a b offline_access'],
    ['all that the resource supports', {}, {}, 'a b'],
  ])('asks for %s', async (_, more, metadata, expected) => {
    await attempt({ resourceMetadata: { scopes_supported: ['a', 'b'] }, metadata }, more);
    expect(world.authorizations[0]?.get('scope')).toBe(expected);
  });

  test('prefers the scopes of the challenge, and asks for none when nobody names any', async () => {
    world = await startWorld({ resourceMetadata: { scopes_supported: ['a'] } });
    world.knobs.challenge = 'Bearer scope="just this"';
    await obtainToken(optionsFor(world));
    expect(world.authorizations[0]?.get('scope')).toBe('just this');
    await world.close();
    await attempt({});
    expect(world.authorizations[0]?.has('scope')).toBe(false);
  });
});

describe('who the client is', () => {
  test('registers as a native public client that can refresh', async () => {
    await attempt({});
    expect(world.registrations[0]).toMatchObject({
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      response_types: ['code'],
    });
  });

  test('a configured client beats a metadata document, and that beats registration', async () => {
    const metadata = { client_id_metadata_document_supported: true };
    const clientMetadataUrl = 'https://example.com/client.json';
    expect(await attempt({ metadata }, { clientId: 'mine', clientMetadataUrl })).toMatchObject({ clientId: 'mine' });
    await world.close();
    expect(await attempt({ metadata }, { clientMetadataUrl })).toMatchObject({ clientId: clientMetadataUrl });
    expect(world.registrations).toEqual([]);
    await world.close();
    expect(await attempt({}, { clientMetadataUrl })).toMatchObject({ from: 'sign-in' });
    expect(world.registrations).toHaveLength(1);
  });

  test.each([
    'http://example.com/c.json',
    'https://example.com/',
    'https://u:p@example.com/c',
    'https://example.com/c#f',
    'c.json',
  ])('refuses the client metadata URL %s', async (clientMetadataUrl) => {
    expect(await attempt({}, { clientMetadataUrl })).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test.each([
    [['client_secret_basic', 'client_secret_post'], 'basic'],
    [undefined, 'basic'],
    [['client_secret_post'], 'post'],
  ])('a secret is sent the way that %j asks for', async (methods, way) => {
    let header: string | undefined;
    await attempt(
      {
        metadata: { token_endpoint_auth_methods_supported: methods },
        token: (_, request) => void (header = request.headers.authorization),
      },
      { clientId: 'my-client', clientSecret: 'a+b c' },
    );
    if (way === 'post') expect(world.exchanges[0]?.get('client_secret')).toBe('a+b c');
    else expect(Buffer.from(header?.replace('Basic ', '') ?? '', 'base64').toString()).toBe('my-client:a%2Bb+c');
  });

  test('a secret that registration gave is used as the server says', async () => {
    await attempt({
      metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] },
      register: (asked) => json(201, { ...asked, client_id: 'c', client_secret: 's' }),
    });
    expect(world.registrations[0]).toMatchObject({ token_endpoint_auth_method: 'client_secret_post' });
    expect(world.exchanges[0]?.get('client_secret')).toBe('s');
  });

  test.each([
    ['no registration endpoint', { metadata: { registration_endpoint: undefined } }, 'CLIENT_UNKNOWN', 4],
    [
      'refused registration',
      { register: () => json(403, { error: 'access_denied', error_description: 'switched off' }) },
      'REGISTRATION_REFUSED',
      4,
    ],
    ['registration without client_id', { register: () => json(201, {}) }, 'BAD_OAUTH_ANSWER', 1],
    ['registration that answers a page', { register: () => ({ status: 200, body: '<html>' }) }, 'BAD_OAUTH_ANSWER', 1],
  ])('%s is told', async (_, knobs: Knobs, code, exit) => {
    expect(await attempt(knobs)).toMatchObject({ code, exit });
  });

  test('a registration is used again, and left when --fresh asks or the secret has ended', async () => {
    world = await startWorld({
      register: (asked) =>
        json(200, { ...asked, client_id: `c${world.registrations.length}`, client_secret_expires_at: 0 }),
    });
    const options = optionsFor(world);
    const first = await obtainToken(options);
    const again = await obtainToken({
      ...options,
      rejected: { accessToken: first.accessToken, status: 403, challenge: 'Bearer scope="x"' },
    });
    expect(again.clientId).toBe(first.clientId);
    expect((await obtainToken({ ...options, fresh: true })).clientId).not.toBe(first.clientId);
  });
});

describe('the way back', () => {
  test.each([
    ['a wrong iss', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['a missing iss where it is promised', (url: URL) => url.searchParams.delete('iss')],
    ['an iss that only looks the same', (url: URL) => url.searchParams.set('iss', `${url.searchParams.get('iss')}/`)],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['two codes', (url: URL) => url.searchParams.append('code', 'x')],
  ])('refuses %s, and redeems nothing', async (_, redirect) => {
    expect(await attempt({ redirect })).toMatchObject({ code: 'CALLBACK_INVALID', exit: 4 });
    expect(world.exchanges).toEqual([]);
  });

  test('an error is told with its text', async () => {
    const redirect = withParameters({
      code: undefined,
      error: 'access_denied',
      error_description: 'not \u001b[31mtoday',
    });
    expect(await attempt({ redirect })).toMatchObject({ code: 'SIGN_IN_REFUSED', exit: 4, why: 'not  [31mtoday' });
  });

  test('an error’s text is not shown when it comes from somebody else', async () => {
    const redirect = withParameters({
      error: 'access_denied',
      error_description: 'call 555-1234',
      iss: 'https://evil.example',
    });
    const error = await attempt({ redirect });
    expect(error).toMatchObject({ code: 'CALLBACK_INVALID' });
    expect(JSON.stringify(error)).not.toContain('555');
  });

  test('a redirect with the wrong state is turned away, and the right one still arrives', async () => {
    world = await startWorld();
    const statuses: number[] = [];
    const openUrl = async (text: string): Promise<boolean> => {
      const url = new URL(text);
      const callback = url.searchParams.get('redirect_uri') ?? '';
      const follow = async (): Promise<void> => {
        for (const query of ['?code=x&state=wrong', '?code=x', ''])
          statuses.push((await fetch(`${callback}${query}`)).status);
        statuses.push((await fetch(callback.replace('/callback', '/favicon.ico'))).status);
        const page = await fetch(text);
        statuses.push(page.status);
        expect(await page.text()).toContain('You can close this window');
        expect(page.headers.get('cache-control')).toBe('no-store');
      };
      void follow();
      return true;
    };
    expect(await obtainToken(optionsFor(world, { openUrl }))).toMatchObject({ from: 'sign-in' });
    await expect.poll(() => statuses).toEqual([400, 400, 400, 404, 200]);
  });

  test('nobody listens any more afterwards', async () => {
    world = await startWorld();
    await obtainToken(optionsFor(world));
    const callback = world.authorizations[0]?.get('redirect_uri') ?? '';
    await expect(fetch(callback)).rejects.toThrow('fetch failed');
  });

  test('nobody who signs in in time is an error of its own', async () => {
    expect(await attempt({}, { openUrl: async () => true, signInTimeout: 20 })).toMatchObject({
      code: 'SIGN_IN_TIMEOUT',
      exit: 4,
    });
  });

  test('a paste that never comes is not waited for longer than a browser', async () => {
    world = await startWorld();
    const options = optionsFor(world, { browser: false, signInTimeout: 20 });
    await expect(obtainToken({ ...options, prompt: { input: neverAnswered } })).rejects.toMatchObject({
      code: 'SIGN_IN_TIMEOUT',
    });
  });

  test('Ctrl+C ends the wait', async () => {
    const stop = new AbortController();
    const openUrl = async (): Promise<boolean> => {
      setTimeout(() => stop.abort(new Error('SIGINT')), 10);
      return true;
    };
    expect(await attempt({}, { openUrl, signal: stop.signal })).toMatchObject({ code: 'INTERRUPTED', exit: 130 });
  });

  test('a taken callback port is named', async () => {
    world = await startWorld();
    const options = optionsFor(world, { callbackPort: Number(world.server.port) });
    expect(await obtainToken(options).catch((error: unknown) => error)).toMatchObject({ code: 'CALLBACK_PORT_BUSY' });
  });

  test('a browser that cannot be opened leaves the address on the screen', async () => {
    world = await startWorld();
    const options = optionsFor(world, { openUrl: async () => false });
    const pending = obtainToken(options);
    await expect.poll(() => options.notes.some((line) => line.includes('/authorize?'))).toBe(true);
    await fetch(options.notes.find((line) => line.includes('/authorize?'))?.trim() ?? '');
    expect(await pending).toMatchObject({ from: 'sign-in' });
  });

  test('without anybody to sign in it says which command would', async () => {
    expect(await attempt({}, { interactive: false, unattended: true, command: 'mcpgw token x' })).toMatchObject({
      code: 'SIGN_IN_NEEDED',
      exit: 4,
      fix: 'mcpgw token x    # in a terminal, with a browser',
    });
    expect(world.log).toEqual([]);
  });
});

describe('the redirect pasted back', () => {
  test('is taken as the browser shows it', async () => {
    expect(await pasting((callback) => `  '${callback}' \n`)).toMatchObject({ from: 'sign-in' });
  });

  test.each([
    ['a wrong state', (callback: string) => callback.replace(/state=[^&]+/, 'state=other'), /wrong state/],
    ['no state', (callback: string) => callback.replace(/state=[^&]+&/, ''), /wrong state/],
    ['another port', (callback: string) => callback.replace(/:\d+\//, ':1/'), /not the redirected address/],
    ['another host', (callback: string) => callback.replace('127.0.0.1', 'evil.example'), /not the redirected address/],
    ['only the code', () => 'abc', /not the redirected address/],
    ['nothing', () => '', /not the redirected address/],
  ])('is refused with %s', async (_, edit, message) => {
    expect(await pasting(edit)).toMatchObject({
      code: 'CALLBACK_INVALID',
      exit: 4,
      message: expect.stringMatching(message) as string,
    });
    expect(world.exchanges).toEqual([]);
  });
});

describe('what the token endpoint answers', () => {
  const good = { access_token: 'a', token_type: 'Bearer' };

  test.each<[string, ReturnType<typeof json>, RegExp]>([
    ['a page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, /no JSON object/],
    ['nothing', { status: 200 }, /no JSON object/],
    ['JSON that is no object', json(200, [1]), /no JSON object/],
    [
      'the wrong content type',
      { status: 200, headers: { 'content-type': 'text/plain' }, body: JSON.stringify(good) },
      /text\/plain/,
    ],
    ['no token_type', json(200, { access_token: 'a' }), /token_type/],
    ['no access_token', json(200, { token_type: 'Bearer' }), /access_token/],
    ['an access_token that is no text', json(200, { ...good, access_token: 1 }), /access_token/],
    ['an access_token with a line break', json(200, { ...good, access_token: 'a\nSet-Cookie: x' }), /characters/],
    ['another token_type', json(200, { ...good, token_type: 'mac' }), /Bearer/],
    ['a DPoP token', json(200, { ...good, token_type: 'DPoP' }), /Bearer/],
    ['a lifetime that is no number', json(200, { ...good, expires_in: 'soon' }), /expires_in/],
    ['a refresh_token that is no text', json(200, { ...good, refresh_token: {} }), /refresh_token/],
    [
      'ten megabytes',
      { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.alloc(10 * 1024 * 1024, ' ') },
      /1 MiB/,
    ],
    ['500 without an OAuth error', { status: 500, body: 'oops' }, /500/],
    ['a token with status 500', json(500, good), /500/],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, /302/],
  ])('%s is one clear error', async (_, answer, message) => {
    expect(await attempt({ token: () => answer })).toMatchObject({
      code: 'BAD_OAUTH_ANSWER',
      exit: 1,
      message: expect.stringMatching(message) as string,
    });
  });

  test('a refusal is told with its code, also with status 200', async () => {
    for (const status of [400, 401, 200]) {
      const error = await attempt({
        token: () => json(status, { error: 'invalid_grant', error_description: 'too old' }),
      });
      expect(error).toMatchObject({
        code: 'SIGN_IN_REFUSED',
        exit: 4,
        why: 'too old',
        message: expect.stringContaining('invalid_grant') as string,
      });
      await world.close();
    }
  });

  test('lifetimes as text are understood, and missing ones left open', async () => {
    expect(
      await attempt({ token: () => json(200, { ...good, expires_in: '60' }) }, { now: () => 1_000 }),
    ).toMatchObject({ expiresAt: 61_000 });
    await world.close();
    expect(await attempt({ token: () => json(200, good) })).not.toHaveProperty('expiresAt');
  });

  test('an id_token that nobody asked for is no obstacle', async () => {
    expect(await attempt({ token: () => json(200, { ...good, id_token: 'rubbish' }) })).toMatchObject({
      accessToken: 'a',
    });
  });
});

/** Changes the redirect to the client; undefined drops a parameter. */
function withParameters(parameters: Record<string, string | undefined>): (url: URL) => void {
  return ({ searchParams }) => {
    for (const [name, value] of Object.entries(parameters)) {
      if (value === undefined) searchParams.delete(name);
      else searchParams.set(name, value);
    }
  };
}

async function neverAnswered(_question: unknown, signal?: AbortSignal): Promise<string> {
  const { promise, reject } = Promise.withResolvers<string>();
  signal?.addEventListener('abort', () => reject(signal.reason as Error));
  return promise;
}

async function pasting(edit: (callback: string) => string): Promise<unknown> {
  world = await startWorld();
  const options = optionsFor(world, { browser: false, openUrl: async () => Promise.reject(new Error('opened')) });
  const input = async (): Promise<string> => {
    const url = options.notes.find((line) => line.includes('/authorize?'))?.trim() ?? '';
    const response = await fetch(url, { redirect: 'manual' });
    return edit(response.headers.get('location') ?? '');
  };
  return obtainToken({ ...options, prompt: { input } }).catch((error: unknown) => error);
}

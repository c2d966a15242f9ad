import { describe, expect, test } from 'vitest';
import { CALLBACK, ISSUER, locationOf, start, USERS } from './application.ts';

describe('the sign-in page', () => {
  test('names who asks, and has a button for each user with name, e-mail and groups', async () => {
    const { app, log } = await start();
    const { location, html } = await app.openSignIn();
    expect(html).toContain('<html lang="en">');
    expect(html).toContain('name="viewport"');
    expect(html).toMatch(/<title>Sign in/);
    expect(html).toContain('<b>mcpgw</b> at <b>authenticate.localhost:8443</b>');
    expect(html).toContain('For development only');
    for (const [key, user] of Object.entries(USERS)) {
      expect(html).toContain(`<button name="user" value="${key}">`);
      expect(html).toContain(user.name);
      expect(html).toContain(user.email);
    }
    expect(html).toContain('Groups: staff, admins');
    expect(html).not.toMatch(/<script|javascript:| on\w+=/i);
    const callback = await app.choose(location, 'member');
    expect(callback.href).toMatch(CALLBACK);
    expect(callback.searchParams.get('state')).toBe('some-state');
    expect(callback.searchParams.get('iss')).toBe(ISSUER);
    expect(log.at(-1)).toMatchObject({
      level: 'info',
      message: 'signed in',
      user: 'member',
      email: 'member@example.com',
      how: 'page',
    });
  });

  test('is locked down by its headers', async () => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    const { headers } = await app.browse(location);
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('shows hostile names as text', async () => {
    const evil = `<img src=x onerror="alert(1)">'&`;
    const { app } = await start({
      users: { [evil]: { email: `"><script>@x`, name: `</strong>${evil}`, groups: ['<b>', '"'] } },
    });
    const { location, html } = await app.openSignIn({ login_hint: '"><script>' });
    expect(html).not.toMatch(/<img|<script|<b>, /);
    expect(html).toContain('&lt;/strong&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&#39;&amp;');
    expect((await app.choose(location, evil)).searchParams.has('code')).toBe(true);
  });

  test('comes up again although the browser is known, with the last user’s button in focus', async () => {
    const { app } = await start();
    await app.choose((await app.openSignIn()).location, 'member');
    const { location, html } = await app.openSignIn();
    expect(html).toContain('<button name="user" value="member" autofocus>');
    const { body } = await app.redeem(await app.choose(location, 'guest'));
    expect((await app.userinfo(body.access_token)).body).toMatchObject({ sub: 'guest' });
  });

  test.each(['login', 'select_account', 'consent', 'login select_account consent'])(
    'answers prompt=%s with one choice',
    async (prompt) => {
      const { app } = await start();
      await app.signInAs('admin');
      const callback = await app.choose((await app.openSignIn({ prompt })).location, 'admin');
      expect(callback.searchParams.has('code')).toBe(true);
    },
  );

  test('answers max_age=0 with one choice', async () => {
    const { app } = await start();
    await app.signInAs('admin');
    expect(
      (await app.choose((await app.openSignIn({ max_age: '0' })).location, 'admin')).searchParams.has('code'),
    ).toBe(true);
  });

  test('focuses the user that login_hint names by e-mail', async () => {
    const { app } = await start();
    expect((await app.openSignIn({ login_hint: 'guest@elsewhere.test' })).html).toContain('value="guest" autofocus');
  });

  test('stays away for prompt=none: the known user, or login_required', async () => {
    const { app } = await start();
    const unknown = new URL(locationOf(await app.browse(app.authorizationUrl({ prompt: 'none' }))));
    expect(unknown.searchParams.get('error')).toBe('login_required');
    await app.choose((await app.openSignIn()).location, 'member');
    const known = new URL(locationOf(await app.browse(app.authorizationUrl({ prompt: 'none' }))));
    const { body } = await app.redeem(known);
    expect((await app.userinfo(body.access_token)).body).toMatchObject({ sub: 'member' });
  });

  test('works in two tabs, whichever is answered first', async () => {
    const { app } = await start();
    await app.choose((await app.openSignIn()).location, 'admin');
    const [first, second] = [await app.openSignIn(), await app.openSignIn()];
    expect((await app.choose(second.location, 'member')).searchParams.has('code')).toBe(true);
    expect((await app.choose(first.location, 'guest')).searchParams.has('code')).toBe(true);
  });

  test('sends a cancelled sign-in back to the application', async () => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    const pressed = await app.browse(location, { method: 'POST', body: new URLSearchParams({ cancel: '1' }) });
    const callback = new URL(locationOf(await app.browse(locationOf(pressed))));
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('state')).toBe('some-state');
  });

  test.each([
    ['a user who is none', new URLSearchParams({ user: 'constructor' })],
    ['no user', new URLSearchParams()],
    ['no form', JSON.stringify({ user: 'admin' })],
    ['a form without end', new URLSearchParams({ padding: 'x'.repeat(10_000), user: 'admin' })],
  ])('refuses %s and offers the way back', async (_name, body) => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    const response = await app.browse(location, { method: 'POST', body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`href="${location}"`);
    expect((await app.choose(location, 'admin')).searchParams.has('code')).toBe(true);
  });

  test('says when it is over, and where to start again', async () => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    app.cookies.clear();
    for (const method of ['GET', 'POST']) {
      const response = await app.browse(location, {
        method,
        body: method === 'POST' ? new URLSearchParams({ user: 'admin' }) : null,
      });
      expect(response.status).toBe(400);
      const html = await response.text();
      expect(html).toContain('This sign-in is over');
      expect(html).toContain('href="https://authenticate.localhost:8443/"');
    }
  });
});

describe('the scripted sign-in', () => {
  test.each(Object.keys(USERS))('brings the code of %s with the first answer', async (key) => {
    const { app, log } = await start();
    const { body } = await app.redeem(await app.signInAs(key));
    expect((await app.userinfo(body.access_token)).body).toMatchObject({ sub: key });
    expect(log.at(-1)).toMatchObject({ message: 'signed in', user: key, how: 'header' });
  });

  test('wins over another user’s session, and over every prompt', async () => {
    const { app } = await start();
    await app.choose((await app.openSignIn()).location, 'admin');
    for (const prompt of ['login', 'none', 'select_account consent']) {
      const { body } = await app.redeem(await app.signInAs('guest', { prompt }));
      expect((await app.userinfo(body.access_token)).body).toMatchObject({ sub: 'guest' });
    }
  });

  test('works on a sign-in that waits already', async () => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    const answered = await app.browse(location, { headers: { 'x-mcpgw-sign-in': 'member' } });
    const callback = new URL(locationOf(await app.browse(locationOf(answered))));
    expect(callback.searchParams.has('code')).toBe(true);
  });

  test.each(['nobody', '__proto__'])('refuses %s and names the known users', async (key) => {
    const { app } = await start();
    const { location } = await app.openSignIn();
    for (const url of [app.authorizationUrl(), location]) {
      const response = await app.browse(url, { headers: { 'x-mcpgw-sign-in': key } });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: 'unknown_user',
        error_description: `x-mcpgw-sign-in: there is no user \`${key}\`; known users: admin, member, guest`,
        users: ['admin', 'member', 'guest'],
      });
    }
  });

  test('answers errors as data', async () => {
    const { app } = await start();
    const response = await app.browse(app.authorizationUrl({ redirect_uri: 'https://elsewhere.test/' }), {
      headers: { 'x-mcpgw-sign-in': 'admin' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_redirect_uri' });
  });
});

/** A browser that member signed in with, and a way to see whether it still is. */
async function signedIn() {
  const started = await start();
  const { app } = started;
  const { body } = await app.redeem(await app.choose((await app.openSignIn()).location, 'member'));
  const isKnown = async (): Promise<boolean> => {
    const answer = new URL(locationOf(await app.browse(app.authorizationUrl({ prompt: 'none' }))));
    return answer.searchParams.has('code');
  };
  return { ...started, body, isKnown };
}

describe('signing out', () => {
  const target = 'https://authenticate.localhost:8443/.pomerium/signed_out';

  test('with the ID token asks nothing and returns to the application; refresh tokens stay', async () => {
    const { app, body, isKnown, log } = await signedIn();
    expect(await isKnown()).toBe(true);
    const query = new URLSearchParams({
      id_token_hint: body.id_token,
      client_id: 'mcpgw',
      post_logout_redirect_uri: target,
      state: 'back',
    });
    const response = await app.browse(`/sign-out?${query.toString()}`);
    expect(response.status).toBe(303);
    expect(locationOf(response)).toBe(`${target}?state=back`);
    expect(await isKnown()).toBe(false);
    expect((await app.refresh(body.refresh_token)).status).toBe(200);
    expect(log).toContainEqual(expect.objectContaining({ message: 'signed out', user: 'member' }));
  });

  test('without it asks first', async () => {
    const { app, isKnown } = await signedIn();
    const html = await (await app.browse('/sign-out')).text();
    expect(html).toContain('Sign out?');
    expect(html).not.toContain('<script');
    expect(await isKnown()).toBe(true);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await (await app.browse('/sign-out')).text())?.[1] ?? '';
    const pressed = await app.browse('/sign-out/confirm', {
      method: 'POST',
      body: new URLSearchParams({ xsrf, logout: 'yes' }),
    });
    expect(await (await app.browse(locationOf(pressed))).text()).toContain('Signed out');
    expect(await isKnown()).toBe(false);
  });

  test('of a browser that is not signed in goes straight back', async () => {
    const { app } = await start();
    const response = await app.browse(
      `/sign-out?${new URLSearchParams({ client_id: 'mcpgw', post_logout_redirect_uri: target }).toString()}`,
    );
    expect(locationOf(response)).toBe(target);
  });

  test('goes to no other site', async () => {
    const { app, body } = await signedIn();
    const query = new URLSearchParams({ id_token_hint: body.id_token, post_logout_redirect_uri: 'https://evil.test/' });
    const response = await app.browse(`/sign-out?${query.toString()}`);
    expect(response.status).toBe(400);
    expect(response.headers.has('location')).toBe(false);
  });
});

test('says what it is at /, and that other pages do not exist', async () => {
  const { app } = await start();
  expect(await (await app.browse('/')).text()).toContain(`${ISSUER}/.well-known/openid-configuration`);
  const missing = await app.browse('/nowhere?<b>');
  expect(missing.status).toBe(404);
  expect(await missing.text()).toContain('There is no such page');
});

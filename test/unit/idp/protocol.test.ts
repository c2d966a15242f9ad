import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { describe, expect, test, vi } from 'vitest';
import { CALLBACK, ISSUER, start, USERS, type Application } from './application.ts';

async function verify(app: Application, idToken: string): Promise<Record<string, unknown>> {
  const keys = (await (await app.browse('/jwks')).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(keys), { issuer: ISSUER, audience: 'mcpgw' });
  return payload;
}

describe('discovery', () => {
  test('offers what Pomerium asks of a provider, all of it below the issuer', async () => {
    const { app } = await start();
    const document = (await (await app.browse('/.well-known/openid-configuration')).json()) as Record<string, unknown>;
    expect(document).toMatchObject({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize`,
      token_endpoint: `${ISSUER}/token`,
      userinfo_endpoint: `${ISSUER}/userinfo`,
      jwks_uri: `${ISSUER}/jwks`,
      end_session_endpoint: `${ISSUER}/sign-out`,
      revocation_endpoint: `${ISSUER}/revoke`,
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
    });
    expect(document['token_endpoint_auth_methods_supported']).toEqual(['client_secret_basic', 'client_secret_post']);
    expect(document['scopes_supported']).toEqual(
      expect.arrayContaining(['openid', 'profile', 'email', 'groups', 'offline_access']),
    );
    expect(document['claims_supported']).toEqual(expect.arrayContaining(['email', 'groups', 'department']));
  });

  test('says the same under any other name it is reached by', async () => {
    const { app, idp } = await start();
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const elsewhere = await fetch(`http://localhost:${idp.address.port}/.well-known/openid-configuration`, { headers });
    expect(await elsewhere.json()).toEqual(await (await app.browse('/.well-known/openid-configuration')).json());
  });

  test('publishes the public half of its key only', async () => {
    const { app } = await start();
    const { keys } = (await (await app.browse('/jwks')).json()) as JSONWebKeySet;
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' });
    expect(keys[0]).not.toHaveProperty('d');
  });
});

describe('the code flow', () => {
  test.each(Object.entries(USERS))('puts every claim of %s into ID token and userinfo', async (key, user) => {
    const { app } = await start();
    const { body } = await app.redeem(await app.signInAs(key));
    const { email, name, groups, claims } = user;
    const expected = { sub: key, email, email_verified: true, name, groups, ...claims };
    expect(await verify(app, body.id_token)).toMatchObject({ ...expected, nonce: 'some-nonce' });
    expect((await app.userinfo(body.access_token)).body).toMatchObject(expected);
  });

  test('takes the client secret in the header and in the form', async () => {
    const { app } = await start();
    for (const auth of ['basic', 'post'] as const) {
      expect((await app.redeem(await app.signInAs('admin'), auth)).status).toBe(200);
    }
  });

  test('opens only what the scopes ask for', async () => {
    const { app } = await start();
    const { body } = await app.redeem(await app.signInAs('admin', { scope: 'openid email' }));
    const claims = await verify(app, body.id_token);
    expect(claims).toMatchObject({ email: 'admin@example.com' });
    expect(claims).not.toHaveProperty('groups');
    expect(body).not.toHaveProperty('refresh_token');
  });

  test('lets a user’s claims replace the standard ones, never the protocol’s', async () => {
    const hidden = { ...USERS, admin: { email: 'a@b.test', name: 'A', groups: [], claims: { email_verified: false } } };
    const { app } = await start({ users: hidden });
    const { body } = await app.redeem(await app.signInAs('admin'));
    expect(await verify(app, body.id_token)).toMatchObject({ email_verified: false, sub: 'admin' });
    const forged = { admin: { email: 'a@b.test', name: 'A', groups: [], claims: { sub: 'member', aud: 'x' } } };
    await expect(start({ users: forged })).rejects.toMatchObject({
      code: 'IDP_USERS',
      message: expect.stringContaining('sub, aud'),
    });
  });

  test('refuses a wrong secret, and a code the second time', async () => {
    const { app, log } = await start();
    const callback = await app.signInAs('admin');
    expect(await app.redeem(callback, 'wrong')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const first = await app.redeem(callback);
    expect(first.status).toBe(200);
    expect(await app.redeem(callback)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.userinfo(first.body.access_token)).status).toBe(401);
    expect(log.filter((entry) => entry.message === 'refused a token request')).toHaveLength(2);
  });

  test('refuses a redirect URI that differs by a slash, and does not go there', async () => {
    const { app, log } = await start();
    const response = await app.browse(app.authorizationUrl({ redirect_uri: `${CALLBACK}/` }));
    expect(response.status).toBe(400);
    expect(response.headers.has('location')).toBe(false);
    const html = await response.text();
    expect(html).toContain(`${CALLBACK}/, which is not registered here`);
    expect(html).toContain('href="https://authenticate.localhost:8443/"');
    expect(log.at(-1)).toMatchObject({ level: 'warn', error: 'invalid_redirect_uri' });
  });

  test('refuses an unknown client and a code without its verifier', async () => {
    const { app } = await start();
    expect((await app.browse(app.authorizationUrl({ client_id: 'other' }))).status).toBe(400);
    const code = (await app.signInAs('admin')).searchParams.get('code') ?? '';
    const reply = await app.token({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});

describe('refresh tokens', () => {
  test('come with offline_access, without a consent screen, and rotate', async () => {
    const { app } = await start();
    const { body } = await app.redeem(await app.signInAs('member'));
    expect(body.scope.split(' ')).toContain('offline_access');
    const { status, body: renewed } = await app.refresh(body.refresh_token);
    expect(status).toBe(200);
    expect(renewed.refresh_token).not.toBe(body.refresh_token);
    expect(await verify(app, renewed.id_token)).toMatchObject({
      sub: 'member',
      groups: ['staff'],
      department: 'books',
    });
    expect((await app.userinfo(renewed.access_token)).status).toBe(200);
  });

  test('are refused once they were rotated, and the sign-in with them; other sign-ins stay', async () => {
    const { app } = await start();
    const { body: first } = await app.redeem(await app.signInAs('member'));
    const { body: other } = await app.redeem(await app.signInAs('member'));
    const { body: renewed } = await app.refresh(first.refresh_token);
    expect(await app.refresh(first.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await app.refresh(renewed.refresh_token)).status).toBe(400);
    expect((await app.refresh(other.refresh_token)).status).toBe(200);
  });

  test('can be spent once by requests at the same time', async () => {
    const { app } = await start();
    const { body } = await app.redeem(await app.signInAs('member'));
    const replies = await Promise.all(Array.from({ length: 8 }, async () => app.refresh(body.refresh_token)));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect(new Set(replies.filter((reply) => reply.status !== 200).map((reply) => reply.body.error))).toEqual(
      new Set(['invalid_grant']),
    );
  });

  test('stay the same when rotation is off', async () => {
    const { app } = await start({ rotateRefreshTokens: false });
    const { body } = await app.redeem(await app.signInAs('member'));
    for (let i = 0; i < 3; i += 1) {
      expect(await app.refresh(body.refresh_token)).toMatchObject({
        status: 200,
        body: { refresh_token: body.refresh_token },
      });
    }
  });

  test('end when they are revoked', async () => {
    const { app } = await start();
    const { body } = await app.redeem(await app.signInAs('member'));
    const form = new URLSearchParams({
      token: body.refresh_token ?? '',
      client_id: 'mcpgw',
      client_secret: 'not so secret',
    });
    expect((await app.browse('/revoke', { method: 'POST', body: form })).status).toBe(200);
    expect((await app.refresh(body.refresh_token)).status).toBe(400);
  });
});

test('nothing is printed, and no log entry holds a secret, a code or a token', async () => {
  const printed = (['log', 'info', 'warn', 'error'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => undefined),
  );
  const { app, log } = await start();
  const callback = await app.signInAs('member');
  const { body } = await app.redeem(callback);
  await app.redeem(callback, 'wrong');
  await app.refresh('no such token');
  await app.userinfo('no such token');
  expect(printed.map((spy) => spy.mock.calls)).toEqual([[], [], [], []]);
  vi.restoreAllMocks();
  const text = JSON.stringify(log);
  for (const secret of [
    body.access_token,
    body.refresh_token ?? '',
    body.id_token,
    callback.searchParams.get('code') ?? '',
    'not so secret',
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(log.map((entry) => entry.message)).toEqual([
    expect.stringContaining('for development only'),
    'signed in',
    'refused a token request',
    'refused a token request',
    'refused a userinfo request',
  ]);
});

import { describe, expect, test } from 'vitest';
import { start } from './as-upstream-client.ts';

describe('the token endpoint', () => {
  test('takes a code once', async () => {
    const { client } = await start();
    const callback = await client.approveAs('admin');
    expect((await client.redeem(callback)).status).toBe(200);
    expect(await (await client.redeem(callback)).json()).toMatchObject({ error: 'invalid_grant' });
  });

  test.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['another redirect URI', { redirect_uri: 'https://up.localhost/' }],
  ])('refuses a code with %s', async (_, changes) => {
    const { client } = await start();
    const response = await client.redeem(await client.approveAs('admin'), changes);
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  });

  test('refuses a wrong secret with 401', async () => {
    const { client } = await start();
    const response = await client.redeem(await client.approveAs('admin'), { client_secret: 'guessed' });
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  });

  test('takes the secret in the header as well, form-encoded as RFC 6749 §2.3.1 wants it', async () => {
    const { client } = await start();
    const response = await client.redeemByBasic(await client.approveAs('admin'));
    expect(response.status).toBe(200);
  });

  test('rotates refresh tokens: the old one is refused, the new one goes on', async () => {
    const { client, provider } = await start();
    const first = await client.signIn();
    const second = (await (await client.refresh(first)).json()) as typeof first;
    expect(second.access_token).not.toBe(first.access_token);
    expect((await client.refresh(first)).status).toBe(400);
    expect((await client.refresh(second)).status).toBe(200);
    expect(provider.stats().refreshes).toBe(2);
  });
});

describe('a token ends', () => {
  test('when it expires', async () => {
    let now = Date.now();
    const { client } = await start({ accessTokenLife: 5, now: () => now });
    const { access_token: token } = await client.signIn();
    now += 4999;
    expect((await client.call('whoami', token)).status).toBe(200);
    now += 1;
    expect((await client.call('whoami', token)).status).toBe(401);
  });

  test('when all are told to expire; refreshing goes on', async () => {
    const { client, provider } = await start();
    const tokens = await client.signIn();
    provider.expireAll();
    expect((await client.call('whoami', tokens.access_token)).status).toBe(401);
    expect((await client.refresh(tokens)).status).toBe(200);
  });

  test('when all are revoked, refresh tokens too', async () => {
    const { client, provider } = await start();
    const tokens = await client.signIn();
    provider.revokeAll();
    expect((await client.call('whoami', tokens.access_token)).status).toBe(401);
    expect((await client.refresh(tokens)).status).toBe(400);
  });

  test('when its client revokes it', async () => {
    const { client, provider } = await start();
    const tokens = await client.signIn();
    expect((await client.revoke(tokens.refresh_token ?? '')).status).toBe(200);
    expect((await client.call('whoami', tokens.access_token)).status).toBe(401);
    expect(provider.stats().revocations).toBe(1);
  });
});

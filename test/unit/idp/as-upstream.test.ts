import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startUpstreamProvider } from '../../../src/idp/as-upstream/index.ts';
import { createFetch } from '../../../src/net/fetch.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { USERS } from './application.ts';
import { CALLBACK, CLIENT, start } from './as-upstream-client.ts';

test('a user approves, the code becomes a token, and the MCP server says whose it is', async () => {
  const { client, provider } = await start();
  const callback = await client.approveAs('member', { scope: 'read', resource: 'https://up.localhost/mcp' });
  expect(`${callback.origin}${callback.pathname}`).toBe(CALLBACK);
  expect(callback.searchParams.get('state')).toBe('some-state');
  const response = await client.redeem(callback);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const tokens = (await response.json()) as Record<string, string>;
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'read' });
  const call = await client.call('whoami', tokens['access_token']);
  expect(await call.json()).toMatchObject({
    result: {
      structuredContent: { user: 'member', client: CLIENT.id, scopes: ['read'], resource: 'https://up.localhost/mcp' },
    },
  });
  expect(provider.stats()).toMatchObject({ authorizations: 1, tokensIssued: 1, resourceCalls: 1, refused: 0 });
});

describe('the page', () => {
  test('offers each user and declining, and shows what is asked for', async () => {
    const { client } = await start();
    const response = await client.get(client.authorizePath({ scope: 'read write' }));
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    for (const text of ['Ada Admin', 'Gus Guest', 'Decline', 'read, write', 'up.localhost:8443']) {
      expect(html).toContain(text);
    }
  });

  test('takes a user’s button for a yes', async () => {
    const { client } = await start();
    const response = await client.press({ user: 'guest' });
    const tokens = await client.redeem(new URL(response.headers.get('location') ?? ''));
    expect(tokens.status).toBe(200);
  });

  test('sends access_denied when the user declines', async () => {
    const { client, provider } = await start();
    const response = await client.press({ decline: '1' });
    const callback = new URL(response.headers.get('location') ?? '');
    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('state')).toBe('some-state');
    expect(provider.stats()).toMatchObject({ authorizations: 0, refused: 1 });
  });

  test('takes no form of another site', async () => {
    const { client, provider } = await start();
    const response = await client.press({ user: 'guest' }, { origin: 'https://evil.example' });
    expect(response.status).toBe(200);
    expect(provider.stats().authorizations).toBe(0);
  });

  test('is skipped when a user approves everything at once', async () => {
    const { client } = await start({ autoApprove: 'guest' });
    const response = await client.get(client.authorizePath());
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('code')).not.toBeNull();
  });
});

describe('an authorization request is refused', () => {
  test.each([
    ['the client is unknown', { client_id: 'nobody' }],
    ['the redirect URI is not registered', { redirect_uri: 'https://evil.example/' }],
  ])('on a page, when %s', async (_, changes) => {
    const { client } = await start();
    const response = await client.get(client.authorizePath(changes));
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  test.each([
    ['PKCE is missing', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['the scope is unknown', { scope: 'read everything' }, 'invalid_scope'],
    ['the response type is another', { response_type: 'token' }, 'unsupported_response_type'],
  ])('at the client, when %s', async (_, changes, error) => {
    const { client } = await start();
    const response = await client.get(client.authorizePath(changes));
    expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe(error);
  });

  test('with the known users, when a script names another', async () => {
    const { client } = await start();
    const response = await client.get(client.authorizePath(), { 'x-mcpgw-sign-in': 'constructor' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'unknown_user', users: Object.keys(USERS) });
  });
});

test('speaks TLS with the certificate it is given', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'mcpgw-upstream-'));
  const now = Date.now();
  const authority = await ensureAuthority(join(dir, 'authority'), { now });
  const { certPem, keyPem } = await ensureServerCertificate({
    authority,
    dir: join(dir, 'certs'),
    names: ['upstream.localhost'],
    now,
  });
  const { provider } = await start({
    issuer: 'https://upstream.localhost:9443',
    tls: { cert: certPem, key: keyPem },
  });
  const fetch = createFetch({ ca: [authority.certPem], resolve: () => provider.address });
  const response = await fetch('https://upstream.localhost:9443/.well-known/oauth-authorization-server');
  expect(await response.json()).toMatchObject({ token_endpoint: 'https://upstream.localhost:9443/token' });
});

test('no log entry holds a code, a token or a secret', async () => {
  const { client, log } = await start();
  const callback = await client.approveAs('admin');
  const tokens = (await (await client.redeem(callback)).json()) as { access_token: string; refresh_token: string };
  await client.call('whoami', tokens.access_token);
  await client.redeem(callback, { client_secret: 'guessed' });
  const text = JSON.stringify(log);
  const secrets = [callback.searchParams.get('code') ?? '?', tokens.access_token, tokens.refresh_token, CLIENT.secret];
  expect(secrets.filter((secret) => text.includes(secret) || secret.length < 5)).toEqual([]);
  expect(text).toContain('tokens issued');
});

test('refuses an issuer that is no URL', async () => {
  const { client: _, provider } = await start();
  await expect(
    startUpstreamProvider({
      listen: provider.address,
      issuer: 'upstream.localhost',
      registration: false,
      clientMetadataDocuments: false,
      users: {},
      accessTokenLife: 1,
      refreshTokens: false,
      scopes: [],
      faults: [],
      log: () => {},
    }),
  ).rejects.toMatchObject({ code: 'IDP_ISSUER' });
});

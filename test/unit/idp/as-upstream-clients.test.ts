import { describe, expect, test } from 'vitest';
import { CALLBACK, start } from './as-upstream-client.ts';

describe('clients of their own making', () => {
  test('register, with a secret that says when it expires', async () => {
    const { client } = await start();
    const response = await client.register({ redirect_uris: [CALLBACK], client_name: 'a gateway' });
    const registered = (await response.json()) as { client_id: string; client_secret: string };
    expect(response.status).toBe(201);
    expect(registered).toMatchObject({
      client_secret_expires_at: 0,
      token_endpoint_auth_method: 'client_secret_basic',
    });
    const { client_id: id, client_secret: secret } = registered;
    const callback = await client.approveAs('member', { client_id: id });
    expect((await client.redeem(callback, { client_id: id, client_secret: secret })).status).toBe(200);
  });

  test('register as public clients, without a secret', async () => {
    const { client } = await start();
    const response = await client.register({ redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' });
    expect(await response.json()).not.toHaveProperty('client_secret');
  });

  test('cannot register when that is off', async () => {
    const { client } = await start({ registration: false });
    expect((await client.register({ redirect_uris: [CALLBACK] })).status).toBe(404);
    expect(await (await client.get('/.well-known/oauth-authorization-server')).json()).not.toHaveProperty(
      'registration_endpoint',
    );
  });

  const DOCUMENT = 'https://up.localhost:8443/.pomerium/mcp/client/metadata.json';

  test('are known by the document that their id leads to', async () => {
    const document = { client_id: DOCUMENT, client_name: 'Up', redirect_uris: [CALLBACK] };
    const { client } = await start({ fetch: async () => Response.json(document) });
    const page = await (await client.get(client.authorizePath({ client_id: DOCUMENT }))).text();
    expect(page).toContain('<b>Up</b>');
  });

  test.each([
    ['names another client', Response.json({ client_id: 'https://evil.example/', redirect_uris: [CALLBACK] })],
    ['is missing', new Response('', { status: 404 })],
    ['lists no redirect URI', Response.json({ client_id: DOCUMENT })],
    ['is long', Response.json({ client_id: DOCUMENT, redirect_uris: [CALLBACK], padding: 'x'.repeat(6000) })],
  ])('are refused when the document %s', async (_, document) => {
    const { client } = await start({ fetch: async () => document });
    expect((await client.get(client.authorizePath({ client_id: DOCUMENT }))).status).toBe(400);
  });
});

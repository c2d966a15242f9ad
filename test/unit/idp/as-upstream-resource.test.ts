import { describe, expect, test } from 'vitest';
import { start } from './as-upstream-client.ts';

describe('metadata', () => {
  test.each(['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'])(
    'of the authorization server stands at %s',
    async (path) => {
      const { client } = await start();
      expect(await (await client.get(path)).json()).toMatchObject({
        issuer: 'http://upstream.localhost:9090',
        token_endpoint: 'http://upstream.localhost:9090/token',
        code_challenge_methods_supported: ['S256'],
        client_id_metadata_document_supported: true,
      });
    },
  );

  test.each(['/.well-known/oauth-authorization-server/tenant', '/tenant/.well-known/openid-configuration'])(
    'of an issuer with a path stands at %s',
    async (path) => {
      const { client } = await start({ issuer: 'http://upstream.localhost:9090/tenant' });
      const { token_endpoint: endpoint } = (await (await client.get(path)).json()) as { token_endpoint: string };
      expect(endpoint).toBe('http://upstream.localhost:9090/tenant/token');
      expect((await client.get('/tenant/token')).status).toBe(405);
    },
  );

  test.each([
    ['', 'https://mcp.localhost'],
    ['/mcp', 'https://mcp.localhost/mcp'],
  ])('of the resource names the URL it was asked for: %s', async (suffix, resource) => {
    const { client } = await start({ resource: 'https://mcp.localhost' });
    const response = await client.get(`/.well-known/oauth-protected-resource${suffix}`);
    expect(await response.json()).toMatchObject({
      resource,
      authorization_servers: ['http://upstream.localhost:9090'],
    });
  });
});

describe('the MCP server', () => {
  test('asks for a token in a form that reads as a structured field', async () => {
    const { client } = await start();
    const response = await client.call('whoami');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="http://upstream.localhost:9090/.well-known/oauth-protected-resource/mcp"',
    );
  });

  test('refuses a token that it did not issue, and its log does not hold it', async () => {
    const { client, log } = await start();
    expect((await client.call('whoami', 'an-external-token')).status).toBe(401);
    expect(log).toContainEqual(expect.objectContaining({ reason: 'a token that was not issued here' }));
    expect(JSON.stringify(log)).not.toContain('an-external-token');
  });

  test('lists the names of headers and the kind of the token, no value', async () => {
    const { client } = await start();
    const { access_token: token } = await client.signIn();
    const text = await (await client.call('headers', token)).text();
    expect(text).toContain('authorization');
    expect(text).toContain('upstream access token');
    expect(text).not.toContain(token);
  });

  test('answers 403 insufficient_scope until the scope was asked for', async () => {
    const { client } = await start();
    const plain = await client.call('scope_needed', (await client.signIn()).access_token);
    expect(plain.status).toBe(403);
    expect(plain.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="read write elevated"');
    const more = await client.signIn('admin', { scope: 'read elevated' });
    expect((await client.call('scope_needed', more.access_token)).status).toBe(200);
  });

  test('initializes, lists its tools, and takes note of notifications', async () => {
    const { client } = await start();
    const { access_token: token } = await client.signIn();
    const initialized = await client.request(token, {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18' },
    });
    expect(await initialized.json()).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
    expect((await client.request(token, { method: 'notifications/initialized' })).status).toBe(202);
    const { result } = (await (await client.request(token, { id: 2, method: 'tools/list' })).json()) as {
      result: { tools: { name: string }[] };
    };
    expect(result.tools.map((tool) => tool.name)).toEqual(['whoami', 'headers', 'scope_needed']);
    const unknown = await client.request(token, { id: 3, method: 'server/discover' });
    expect(await unknown.json()).toMatchObject({ error: { code: -32_601 } });
  });

  test('has an API and userinfo beside it, behind the same token', async () => {
    const { client } = await start();
    const { access_token: token } = await client.signIn('member');
    const headers = { authorization: `Bearer ${token}` };
    expect(await (await client.get('/api/me', headers)).json()).toMatchObject({ user: 'member' });
    expect(await (await client.get('/userinfo', headers)).json()).toMatchObject({ email: 'member@example.com' });
    expect((await client.get('/api/me')).status).toBe(401);
  });
});

import { describe, expect, test } from 'vitest';
import { parseBearerChallenge } from '../../../../src/gateway/upstream-oauth/www-authenticate.ts';
import { post } from '../helpers.ts';
import { serveProvider, TOKEN } from '../provider-calls.ts';

const SERVERS = ['notion', 'github', 'google-drive'] as const;
const SEARCH = { notion: 'search', github: 'search_code', 'google-drive': 'search' } as const;
const VERSION = '2026-07-28';

describe.each(SERVERS)('%s', (name) => {
  test.each([
    ['none', {}],
    ['another scheme', { authorization: 'Basic dTpw' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['two words', { authorization: 'Bearer a b' }],
    ['a header of its own', { 'x-access-token': TOKEN }],
  ])('asks for sign-in when the token is %s, and asks nobody else', async (_, headers: Record<string, string>) => {
    const { call, provider } = await serveProvider(name, () => ({ body: {} }));
    const called = await call(SEARCH[name], { query: 'x' }, headers);
    expect(called).toMatchObject({ status: 401, challenge: `Bearer realm="${name}"` });
    expect(provider.asked).toEqual([]);
  });

  test('does not take a token from the query string', async () => {
    const { servers, provider } = await serveProvider(name, () => ({ body: {} }));
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: SEARCH[name], arguments: { query: 'x' } },
    };
    expect((await post(`${servers.url}/${name}?access_token=${TOKEN}`, body)).status).toBe(401);
    expect(provider.asked).toEqual([]);
  });

  test('answers an expired token with the challenge that makes the gateway ask again, in both eras', async () => {
    const { call, servers } = await serveProvider(name, () => ({ status: 401, body: { message: 'expired' } }));
    const challenge = `Bearer realm="${name}", error="invalid_token", error_description="the provider does not accept the token"`;
    const legacy = await call(SEARCH[name], { query: 'x' });
    expect(legacy).toMatchObject({ status: 401, challenge });
    // Read as Pomerium reads it.
    expect(parseBearerChallenge(challenge)).toEqual({ error: 'invalid_token' });
    const modern = await post(`${servers.url}/${name}`, modernCall(SEARCH[name]), {
      authorization: `Bearer ${TOKEN}`,
      'mcp-protocol-version': VERSION,
      'mcp-method': 'tools/call',
      'mcp-name': SEARCH[name],
    });
    expect(modern.status).toBe(401);
    expect(modern.headers.get('www-authenticate')).toBe(challenge);
    expect(modern.headers.get('cache-control')).toBe('no-store');
  });

  test('says what it is and what it can without a token', async () => {
    const { servers } = await serveProvider(name, () => ({ body: {} }));
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    for (const request of [{ method: 'initialize', params }, { method: 'tools/list' }]) {
      expect((await post(`${servers.url}/${name}`, { jsonrpc: '2.0', id: 1, ...request })).status).toBe(200);
    }
  });

  test('keeps the token out of answers and out of the log, also when the provider repeats it', async () => {
    const body = { message: `bad: ${TOKEN}`, error: { message: `bad: ${TOKEN}`, errors: [{ reason: TOKEN }] } };
    const { call, servers } = await serveProvider(name, () => ({ status: 400, body }));
    const called = await call(SEARCH[name], { query: 'x' });
    expect(called.texts[0]).toContain('answers HTTP 400: bad: ***');
    expect(JSON.stringify([called, servers.log])).not.toContain(TOKEN);
    expect(servers.log).toContainEqual(expect.objectContaining({ message: 'tool call', failed: true }));
  });
});

function modernCall(name: string): unknown {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
  };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: { query: 'x' }, _meta: meta } };
}

import { expect, onTestFinished, test } from 'vitest';
import { createFetch } from '../../../../src/net/fetch.ts';
import { Bed, HOST, STATIC } from '../../gateway-upstream-oauth/support/bed.ts';
import type { Got } from '../../gateway-upstream-oauth/support/send.ts';
import { ScriptedService } from '../../gateway-upstream-oauth/support/service.ts';
import { startTestServers } from '../helpers.ts';
import { mockProvider } from '../mock-provider.ts';

const CHALLENGE = `Bearer resource_metadata="https://${HOST}/.well-known/oauth-protected-resource"`;

interface Call {
  name: 'notion' | 'github' | 'google-drive';
  tool: string;
  /** What the provider's API answers to a token that it takes, and a part of what the tool then says. */
  answer: unknown;
  says: string;
  /** Its answer to a token that lacks a scope. */
  lacks?: { headers?: Record<string, string>; body: unknown };
}

const CALLS: readonly Call[] = [
  { name: 'notion', tool: 'search', answer: { results: [] }, says: '{"results":[]}' },
  {
    name: 'github',
    tool: 'search_code',
    answer: { items: [], total_count: 0 },
    says: '"total_count":0',
    lacks: { headers: { 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': 'repo' }, body: {} },
  },
  {
    name: 'google-drive',
    tool: 'search',
    answer: { files: [] },
    says: '{"results":[]}',
    lacks: { body: { error: { errors: [{ reason: 'insufficientPermissions' }] } } },
  },
];

test.each(CALLS)(
  '$name gets the Internal Token from the gateway, and its refusals make the gateway ask the user again',
  async ({ name, tool, answer, says, lacks }) => {
    const mode = { is: 'good' };
    const api = await mockProvider(() => {
      if (mode.is === 'expired') return { status: 401, body: {} };
      return mode.is === 'lacking' ? { status: 403, ...lacks } : { body: answer };
    });
    const reference = { [name]: { fetch: createFetch(), apiUrl: api.url } };
    const servers = await startTestServers(reference, { allowedHosts: ['mcp-servers:8080'] });
    const authorizationServer = new ScriptedService();
    const ports = { 'mcp-servers:8080': servers.port, 'upas.corp.test:443': await authorizationServer.open() };
    const bed = await Bed.start({ server: STATIC, to: `http://mcp-servers:8080/${name}`, ports });
    onTestFinished(async () => {
      await bed.close();
      await authorizationServer.close();
    });
    const external = await bed.signIn();
    const params = { name: tool, arguments: { query: 'x' } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const call = async (): Promise<Got> => bed.call(external, '/', { body });

    expect(await call()).toMatchObject({ status: 401, headers: { 'www-authenticate': CHALLENGE } });
    expect(api.asked).toEqual([]);
    const { location } = await bed.authorize(external, await bed.addClient());
    await bed.callback({ state: location.searchParams.get('state') ?? '', code: 'c' });

    const good = await call();
    expect(good.status).toBe(200);
    expect(good.body.replaceAll('\\', '')).toContain(says);
    expect(api.asked[0]?.headers.authorization).toMatch(/^Bearer upstream-token-\d+$/);
    for (const is of lacks ? ['expired', 'lacking'] : ['expired']) {
      mode.is = is;
      expect(await call(), is).toMatchObject({ status: 401, headers: { 'www-authenticate': CHALLENGE } });
    }
    const said = JSON.stringify([servers.log, bed.log]);
    expect(said).not.toContain('upstream-token');
    expect(JSON.stringify(api.asked)).not.toContain(external);
  },
);

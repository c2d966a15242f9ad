import { afterEach, describe, expect, test } from 'vitest';
import { callTool, listTools, withToken, type Tool } from '../../../src/mcp/index.ts';
import { obtainToken, type ObtainTokenOptions } from '../../../src/oauth/index.ts';
import { optionsFor, startWorld, type World } from '../oauth/world.ts';

let world: World;
afterEach(async () => world?.close());

function client(more: Partial<ObtainTokenOptions> = {}): {
  list: () => Promise<Tool[]>;
  call: () => Promise<unknown>;
  from: string[];
} {
  const options = optionsFor(world, more);
  const from: string[] = [];
  const obtain = async (rejected?: ObtainTokenOptions['rejected']): ReturnType<typeof obtainToken> => {
    const token = await obtainToken({ ...options, ...(rejected ? { rejected } : {}) });
    from.push(token.from);
    return token;
  };
  const { server, fetch, signal } = options;
  return {
    from,
    list: async () => withToken(obtain, async (accessToken) => listTools({ server, fetch, signal, accessToken })),
    call: async () =>
      withToken(obtain, async (accessToken) =>
        callTool({ server, fetch, signal, accessToken, name: 'echo', args: { text: 'hi' } }),
      ),
  };
}

describe('work with a token', () => {
  test('a server that asks for none gets none', async () => {
    world = await startWorld({ challenge: false, resourceMetadataAt: [] });
    expect(await client().list()).toHaveLength(1);
    expect(world.authorizations).toEqual([]);
  });

  test('a stored token that was revoked is renewed once, unseen', async () => {
    world = await startWorld();
    const { list, from } = client();
    await list();
    world.revokeAll();
    expect(await list()).toHaveLength(1);
    expect(from).toEqual(['sign-in', 'cache', 'refresh']);
  });

  test('a server that turns the refreshed token away too gets one from a new sign-in', async () => {
    world = await startWorld();
    const { list, from } = client();
    await list();
    // As a gateway does whose upstream wants the user's consent anew: only a new authorization helps.
    const before = world.authorizations.length;
    world.knobs.mcp = () =>
      world.authorizations.length > before
        ? undefined
        : { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    expect(await list()).toHaveLength(1);
    expect(from).toEqual(['sign-in', 'cache', 'refresh', 'sign-in']);
  });

  test('a fresh token that is turned away is not asked for again', async () => {
    world = await startWorld();
    const { list, from } = client();
    world.knobs.mcp = () => ({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    await expect(list()).rejects.toMatchObject({ code: 'TOKEN_REFUSED', exit: 4 });
    expect(from).toEqual(['sign-in']);
  });

  test('more scopes are asked for when a tool needs them, and the old ones kept', async () => {
    world = await startWorld({ callScope: 'write' });
    world.knobs.challenge = 'Bearer scope="read"';
    const { call, from } = client();
    expect(await call()).toMatchObject({ isError: false });
    expect(from).toEqual(['sign-in', 'sign-in']);
    expect(world.authorizations.map((query) => query.get('scope'))).toEqual(['read', 'read write']);
  });

  test('a server that is never content is asked three times at most', async () => {
    world = await startWorld();
    world.knobs.mcp = () => ({
      status: 403,
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="all"' },
    });
    const { call, from } = client();
    await expect(call()).rejects.toMatchObject({ code: 'SCOPE_MISSING', exit: 4 });
    expect(from).toHaveLength(3);
  });
});

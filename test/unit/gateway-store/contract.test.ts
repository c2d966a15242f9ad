import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientMetadata } from '../../../src/gateway/identity/client-metadata.ts';
import type { PostgresServer } from '../../docker/postgres.ts';
import { aRefreshToken, aSession, findPostgres, postgresOpener, sqliteOpener, type Opener } from './stores.ts';

let server: PostgresServer | undefined;
let reason: string | undefined;

beforeAll(async () => {
  ({ server, reason } = await findPostgres());
}, 120_000);
afterAll(async () => server?.remove());

const METADATA: ClientMetadata = {
  redirect_uris: ['http://127.0.0.1/cb'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
};

function authorization(sessionId: string) {
  const what = { clientId: 'c1', sessionId, redirectUri: 'http://127.0.0.1/cb', codeChallenge: 'x'.repeat(43) };
  return { id: randomUUID(), ...what, expiresAt: Date.now() + 60_000 };
}

describe.each(['sqlite', 'postgres'])('the %s store', (kind) => {
  /** Each test has data of its own. */
  async function opener(skip: (why: string) => void): Promise<Opener> {
    if (kind === 'sqlite') return sqliteOpener();
    if (!server) skip(reason ?? 'no PostgreSQL');
    return postgresOpener(server as PostgresServer);
  }

  test('gives back what was stored, also after a restart', async ({ skip }) => {
    const open = await opener(skip);
    const store = await open();
    const client = { id: randomUUID(), metadata: METADATA, secret: 's3cret' };
    const [session, code] = [aSession(), authorization('s1')];
    await store.clients.add(client);
    await store.sessions.add(session);
    await store.authorizations.add(code);
    for (const one of [store, await open()]) {
      expect(await one.clients.find(client.id)).toEqual(client);
      expect(await one.sessions.find(session.id)).toEqual(session);
      expect(await one.authorizations.find(code.id)).toEqual(code);
      const { idToken: _idToken, idpRefreshToken: _refresh, idpId: _idpId, ...known } = session;
      expect(one.sessions.findNow(session.id)).toEqual(known);
      expect(one.sessions.liveUsers()).toEqual([{ email: session.email, expiresAt: session.expiresAt }]);
      expect(one.failure()).toBeUndefined();
    }
  });

  test('knows nothing of strangers', async ({ skip }) => {
    const store = await (await opener(skip))();
    for (const id of [randomUUID(), '', "'; DROP TABLE clients; --", 'nul \0']) {
      expect(await store.clients.find(id)).toBeUndefined();
      expect(await store.sessions.find(id)).toBeUndefined();
      expect(store.sessions.findNow(id)).toBeUndefined();
      expect(await store.refreshTokens.find(id)).toBeUndefined();
    }
  });

  test('an expired session is nobody’s', async ({ skip }) => {
    const open = await opener(skip);
    const store = await open();
    const past = aSession({ expiresAt: Date.now() - 1 });
    await store.sessions.add(past);
    expect(await store.sessions.find(past.id)).toBeUndefined();
    expect(store.sessions.findNow(past.id)).toBeUndefined();
    expect(store.sessions.liveUsers()).toEqual([]);
    expect((await open()).sessions.findNow(past.id)).toBeUndefined();
  });

  test('a code is redeemed once, whoever asks at the same time', async ({ skip }) => {
    const open = await opener(skip);
    const [a, b] = [await open(), await open()];
    const code = authorization('s1');
    await a.authorizations.add(code);
    const tokens = [a, b, a, b].map((store) => ({ store, next: aRefreshToken('s1') }));
    const won = await Promise.all(tokens.map(async ({ store, next }) => store.redeem(code.id, next)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const stored = await Promise.all(tokens.map(async ({ next }) => a.refreshTokens.find(next.id)));
    expect(stored.map((one) => one !== undefined)).toEqual(won);
    expect(await a.authorizations.find(code.id)).toBeUndefined();
  });

  test('a refresh token is rotated once, all or nothing', async ({ skip }) => {
    const open = await opener(skip);
    const [a, b] = [await open(), await open()];
    const code = authorization('s1');
    await a.authorizations.add(code);
    const used = aRefreshToken('s1');
    await a.redeem(code.id, used);
    const tries = [a, b].map((store) => ({ store, session: aSession(), next: aRefreshToken('s2') }));
    const won = await Promise.all(tries.map(async ({ store, session, next }) => store.rotate(used.id, session, next)));
    expect(won.filter(Boolean)).toHaveLength(1);
    for (const [index, { session, next }] of tries.entries()) {
      expect((await b.sessions.find(session.id)) !== undefined).toBe(won[index]);
      expect((await b.refreshTokens.find(next.id)) !== undefined).toBe(won[index]);
    }
    expect(await a.refreshTokens.find(used.id)).toBeUndefined();
  });

  test('the end of a session revokes its refresh tokens', async ({ skip }) => {
    const store = await (await opener(skip))();
    const session = aSession();
    await store.sessions.add(session);
    const code = authorization(session.id);
    await store.authorizations.add(code);
    const token = aRefreshToken(session.id);
    await store.redeem(code.id, token);
    await store.endSession(session.id);
    expect(await store.sessions.find(session.id)).toBeUndefined();
    expect(store.sessions.findNow(session.id)).toBeUndefined();
    expect(await store.refreshTokens.find(token.id)).toBeUndefined();
  });

  test('two processes see each other’s sessions begin and end', async ({ skip }) => {
    const open = await opener(skip);
    const [a, b] = [await open(), await open()];
    const sessions = Array.from({ length: 20 }, () => aSession());
    await Promise.all(sessions.map(async (session) => a.sessions.add(session)));
    for (const { id } of sessions) await expect.poll(() => b.sessions.findNow(id)?.id, { timeout: 5_000 }).toBe(id);
    const before = a.foreignVersion();
    await Promise.all(sessions.map(async ({ id }) => b.endSession(id)));
    for (const { id } of sessions) await expect.poll(() => a.sessions.findNow(id), { timeout: 5_000 }).toBeUndefined();
    expect(a.foreignVersion()).not.toBe(before);
  });

  test('a registration under a name that is taken is refused', async ({ skip }) => {
    const store = await (await opener(skip))();
    const client = { id: randomUUID(), metadata: METADATA };
    await store.clients.add(client);
    await expect(async () => store.clients.add(client)).rejects.toThrow(/unique/i);
    expect(await store.clients.find(client.id)).toEqual(client);
  });
});

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { StateStore } from '../../../../src/gateway/identity/state-store.ts';
import { anAuthorization, aRefreshToken, aSession, issue, METADATA } from '../samples.ts';
import type { Subject } from './subject.ts';

const STRANGERS = [randomUUID(), '', "'; DROP TABLE clients; --", 'nul \0', '?', '$1'];
const CONSENT = { userId: 'u1', clientId: 'c1', redirectUri: 'http://127.0.0.1/cb', host: 'a.test', scope: 'openid' };
const KEY = { userId: 'u1', routeId: 'r1', upstreamUrl: 'https://up.test/mcp' };

/** One of each kind of record, and what is to be found of them. */
async function fill(store: StateStore): Promise<(one: StateStore) => Promise<void>> {
  const client = { id: randomUUID(), metadata: METADATA, secret: 's3cret' };
  const [session, code] = [aSession(), anAuthorization('s1')];
  const token = { ...KEY, sealed: 'c2VhbGVk' };
  const expiresAt = Date.now() + 600_000;
  const pending = { userId: 'u1', downstreamHost: 'a.test', stateHash: 'h1', sealed: 'cA==', expiresAt };
  const registration = { issuer: 'https://as.test', downstreamHost: 'a.test', sealed: 'Yw==' };
  await store.clients.add(client);
  await store.sessions.add(session);
  await store.authorizations.add(code);
  const refreshToken = await issue(store, session.id);
  await store.upstreamTokens.put(token);
  await store.pendingUpstreams.put(pending);
  await store.upstreamClients.put(registration);
  await store.consents.put(CONSENT, expiresAt);
  await store.families.add({ refreshTokenId: 't1', sessionId: 's1', family: 'f1', expiresAt });
  return async (one) => {
    expect(await one.clients.find(client.id)).toEqual(client);
    expect(await one.clients.count()).toBe(1);
    expect(await one.sessions.find(session.id)).toEqual(session);
    const { idToken: _idToken, idpRefreshToken: _refresh, idpId: _idpId, ...known } = session;
    expect(one.sessions.findNow(session.id)).toEqual(known);
    expect(one.sessions.liveUsers()).toEqual([{ email: session.email, expiresAt: session.expiresAt }]);
    expect(await one.authorizations.find(code.id)).toEqual(code);
    expect(await one.refreshTokens.find(refreshToken.id)).toEqual(refreshToken);
    expect(await one.upstreamTokens.find(KEY)).toEqual(token);
    expect(one.upstreamTokens.allNow()).toEqual([token]);
    expect(await one.pendingUpstreams.find('u1', 'a.test')).toEqual(pending);
    expect(await one.pendingUpstreams.findByState('h1')).toEqual(pending);
    expect(await one.upstreamClients.find('https://as.test', 'a.test')).toEqual(registration);
    expect(await one.consents.has(CONSENT)).toBe(true);
    expect(await one.families.familyOf('t1')).toBe('f1');
    expect(await one.families.sessionsOf('f1')).toEqual(['s1']);
    expect(one.failure()).toBeUndefined();
  };
}

async function expectNothing(store: StateStore, id: string): Promise<void> {
  expect(await store.clients.find(id)).toBeUndefined();
  expect(await store.sessions.find(id)).toBeUndefined();
  expect(store.sessions.findNow(id)).toBeUndefined();
  expect(await store.authorizations.find(id)).toBeUndefined();
  expect(await store.refreshTokens.find(id)).toBeUndefined();
  expect(await store.upstreamTokens.find({ ...KEY, userId: id })).toBeUndefined();
  expect(await store.pendingUpstreams.find(id, 'a.test')).toBeUndefined();
  expect(await store.pendingUpstreams.findByState(id)).toBeUndefined();
  expect(await store.upstreamClients.find('https://as.test', id)).toBeUndefined();
  for (const key of ['userId', 'clientId', 'redirectUri', 'host', 'scope']) {
    expect(await store.consents.has({ ...CONSENT, [key]: id })).toBe(false);
  }
  expect(await store.families.familyOf(id)).toBeUndefined();
  expect(await store.families.sessionsOf(id)).toEqual([]);
}

export function describeRecords({ shared, opener }: Subject): void {
  describe('records', () => {
    test('are given back as they were stored', async ({ skip }) => {
      const store = await (await opener(skip))();
      const found = await fill(store);
      await found(store);
    });

    test(shared ? 'outlive a restart' : 'are gone after a restart', async ({ skip }) => {
      const open = await opener(skip);
      const first = await open();
      const found = await fill(first);
      await first.close();
      const second = await open();
      if (shared) return found(second);
      await expect(found(second)).rejects.toThrow();
      expect(second.sessions.liveUsers()).toEqual([]);
      expect(second.upstreamTokens.allNow()).toEqual([]);
    });

    test('strangers find nothing', async ({ skip }) => {
      const store = await (await opener(skip))();
      await fill(store);
      for (const id of STRANGERS) await expectNothing(store, id);
    });

    test('a registration under a name that is taken is refused, and the first one stays', async ({ skip }) => {
      const store = await (await opener(skip))();
      const client = { id: randomUUID(), metadata: METADATA };
      await store.clients.add(client);
      await expect(async () => store.clients.add({ ...client, secret: 'x' })).rejects.toThrow(/unique/i);
      expect(await store.clients.find(client.id)).toEqual(client);
    });

    test('of a store that was closed are refused, not waited for', async ({ skip }) => {
      const store = await (await opener(skip))();
      const session = aSession();
      await store.sessions.add(session);
      await store.close();
      await store.close();
      await expect(async () => store.clients.find('c1')).rejects.toThrow();
      await expect(async () => store.sessions.add(aSession())).rejects.toThrow();
      await expect(async () => store.rotate('t1', aSession(), aRefreshToken('s1'))).rejects.toThrow();
    });

    test('the end of a session revokes its refresh tokens, and nobody else’s', async ({ skip }) => {
      const store = await (await opener(skip))();
      const [session, other] = [aSession(), aSession()];
      await store.sessions.add(session);
      await store.sessions.add(other);
      const [first, second, others] = [
        await issue(store, session.id),
        await issue(store, session.id),
        await issue(store, other.id),
      ];
      await store.endSession(session.id);
      expect(await store.sessions.find(session.id)).toBeUndefined();
      expect(store.sessions.findNow(session.id)).toBeUndefined();
      for (const { id } of [first, second]) expect(await store.refreshTokens.find(id)).toBeUndefined();
      expect(await store.refreshTokens.find(others.id)).toEqual(others);
      expect(store.sessions.findNow(other.id)?.id).toBe(other.id);
    });
  });

  describe('of an upstream', () => {
    test('a token takes the place of the one before it; another user, route or URL has its own', async ({ skip }) => {
      const store = await (await opener(skip))();
      const keys = [
        KEY,
        { ...KEY, userId: 'u2' },
        { ...KEY, routeId: 'r2' },
        { ...KEY, upstreamUrl: 'https://b.test' },
      ];
      for (const [i, key] of keys.entries()) await store.upstreamTokens.put({ ...key, sealed: `t${i}` });
      await store.upstreamTokens.put({ ...KEY, sealed: 'renewed' });
      const found = await Promise.all(keys.map(async (key) => store.upstreamTokens.find(key)));
      expect(found.map((one) => one?.sealed)).toEqual(['renewed', 't1', 't2', 't3']);
      expect(new Set(store.upstreamTokens.allNow().map(({ sealed }) => sealed))).toEqual(
        new Set(['renewed', 't1', 't2', 't3']),
      );
      await store.upstreamTokens.delete(KEY);
      await store.upstreamTokens.delete({ ...KEY, userId: 'nobody' });
      expect(await store.upstreamTokens.find(KEY)).toBeUndefined();
      expect(store.upstreamTokens.allNow()).toHaveLength(3);
    });

    test('a pending authorization takes the place of the one before it, whose state is then unknown', async ({
      skip,
    }) => {
      const store = await (await opener(skip))();
      const pending = { userId: 'u1', downstreamHost: 'a.test', stateHash: 'h1', sealed: 'a', expiresAt: Date.now() };
      const next = { ...pending, stateHash: 'h2', sealed: 'b' };
      await store.pendingUpstreams.put(pending);
      await store.pendingUpstreams.put({ ...pending, downstreamHost: 'b.test', stateHash: 'h3' });
      await store.pendingUpstreams.put(next);
      expect(await store.pendingUpstreams.findByState('h1')).toBeUndefined();
      expect(await store.pendingUpstreams.findByState('h2')).toEqual(next);
      await store.pendingUpstreams.delete('u1', 'a.test');
      expect(await store.pendingUpstreams.find('u1', 'a.test')).toBeUndefined();
      expect((await store.pendingUpstreams.findByState('h3'))?.downstreamHost).toBe('b.test');
    });

    test('a registration takes the place of the one before it', async ({ skip }) => {
      const store = await (await opener(skip))();
      const one = { issuer: 'https://as.test', downstreamHost: 'a.test', sealed: 'a' };
      await store.upstreamClients.put(one);
      await store.upstreamClients.put({ ...one, sealed: 'b' });
      expect((await store.upstreamClients.find(one.issuer, 'a.test'))?.sealed).toBe('b');
      expect(await store.upstreamClients.find(one.issuer, 'b.test')).toBeUndefined();
    });
  });
}

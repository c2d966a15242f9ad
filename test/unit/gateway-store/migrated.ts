import { expect } from 'vitest';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import { aRefreshToken, aSession } from './samples.ts';

/** Everything that version `from` had stored is there, and everything can be stored. */
export async function expectMigrated(store: StateStore, from: number): Promise<void> {
  expect(store.failure()).toBeUndefined();
  expect((await store.clients.find('c1'))?.secret).toBe(from < 1 ? undefined : 's3cret');
  expect((await store.sessions.find('s1'))?.claims).toEqual(from < 1 ? undefined : { groups: ['staff'] });
  expect(store.sessions.findNow('s1')?.email).toBe(from < 1 ? undefined : 'alice@company.com');
  expect(await store.refreshTokens.find('t0')).toBeUndefined();
  expect(store.upstreamTokens.allNow().map(({ sealed }) => sealed)).toEqual(from < 2 ? [] : ['c2VhbGVk']);
  expect((await store.pendingUpstreams.findByState('h1'))?.sealed).toBe(from < 2 ? undefined : 'cA==');
  expect((await store.upstreamClients.find('https://as.test', 'a.test'))?.sealed).toBe(from < 2 ? undefined : 'Yw==');
  const consent = {
    userId: 'alice',
    clientId: 'c1',
    redirectUri: 'http://127.0.0.1/cb',
    host: 'a.test',
    scope: 'openid',
  };
  expect(await store.consents.has(consent)).toBe(from >= 3);
  expect(await store.families.familyOf('t1')).toBe(from < 3 ? undefined : 'a0');
  await store.consents.put({ ...consent, userId: 'bob' }, 1);
  await store.families.add({ refreshTokenId: 't2', sessionId: 's1', family: 'a0', expiresAt: 1 });
  expect(await store.redeem('a1', aRefreshToken('s1'))).toBe(from >= 1);
  expect(await store.rotate('t1', aSession(), aRefreshToken('s2'))).toBe(from >= 1);
  await store.upstreamTokens.put({ userId: 'bob', routeId: 'r1', upstreamUrl: 'https://up.test', sealed: 'x' });
  await store.upstreamClients.put({ issuer: 'https://b.test', downstreamHost: 'a.test', sealed: 'x' });
  await store.pendingUpstreams.put({ userId: 'bob', downstreamHost: 'a', stateHash: 'h', sealed: '', expiresAt: 1 });
}

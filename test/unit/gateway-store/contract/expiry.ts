import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SWEEP_INTERVAL } from '../../../../src/gateway/identity/state-store.ts';
import { anAuthorization, aRefreshToken, aSession } from '../samples.ts';
import type { Subject } from './subject.ts';

export function describeExpiry({ shared, opener }: Subject): void {
  describe('time', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
    afterEach(() => void vi.useRealTimers());

    test('a session is nobody’s from the millisecond at which it expires', async ({ skip }) => {
      const open = await opener(skip);
      const store = await open();
      const session = aSession({ expiresAt: Date.now() + 1_000 });
      await store.sessions.add(session);
      vi.setSystemTime(session.expiresAt - 1);
      expect((await store.sessions.find(session.id))?.id).toBe(session.id);
      expect(store.sessions.findNow(session.id)?.id).toBe(session.id);
      vi.setSystemTime(session.expiresAt);
      expect(await store.sessions.find(session.id)).toBeUndefined();
      expect(store.sessions.findNow(session.id)).toBeUndefined();
      expect(store.sessions.liveUsers()).toEqual([]);
      expect((await open()).sessions.findNow(session.id)).toBeUndefined();
    });

    test('a refresh token expires', async ({ skip }) => {
      const store = await (await opener(skip))();
      const [code, token] = [anAuthorization('s1'), aRefreshToken('s1')];
      await store.authorizations.add(code);
      await store.redeem(code.id, token);
      vi.setSystemTime(token.expiresAt - 1);
      expect(await store.refreshTokens.find(token.id)).toEqual(token);
      vi.setSystemTime(token.expiresAt);
      expect(await store.refreshTokens.find(token.id)).toBeUndefined();
    });

    test('a consent expires, unless it was given again', async ({ skip }) => {
      const store = await (await opener(skip))();
      const soon = Date.now() + 1_000;
      const consent = { userId: 'u1', clientId: 'c1', redirectUri: 'http://127.0.0.1/cb', host: 'a.test', scope: '' };
      await store.consents.put(consent, soon);
      await store.consents.put({ ...consent, scope: 'read' }, soon);
      await store.consents.put({ ...consent, scope: 'read' }, soon + 1_000);
      expect(await store.consents.has(consent)).toBe(true);
      vi.setSystemTime(soon);
      expect(await store.consents.has(consent)).toBe(false);
      expect(await store.consents.has({ ...consent, scope: 'read' })).toBe(true);
    });

    test('a sweep removes what has expired and nothing else, and is not made again at once', async ({ skip }) => {
      const store = await (await opener(skip))();
      // The first one is due at once with some stores, and was made at the opening with others.
      await store.sweep();
      const soon = Date.now() + 60_000;
      const later = soon + 2 * SWEEP_INTERVAL;
      const pending = { userId: 'u1', stateHash: 'h1', sealed: '' };
      const [code, lasting] = [anAuthorization('s1', { expiresAt: soon }), anAuthorization('s1', { expiresAt: later })];
      const session = aSession({ expiresAt: later });
      await store.authorizations.add(code);
      await store.authorizations.add(lasting);
      await store.sessions.add(session);
      await store.pendingUpstreams.put({ ...pending, downstreamHost: 'a.test', expiresAt: soon });
      await store.pendingUpstreams.put({ ...pending, downstreamHost: 'b.test', expiresAt: later });
      await store.families.add({ refreshTokenId: 't1', sessionId: 's1', family: 'f1', expiresAt: soon });
      await store.families.add({ refreshTokenId: 't2', sessionId: 's2', family: 'f1', expiresAt: later });
      vi.setSystemTime(soon);
      await store.sweep();
      expect(await store.authorizations.find(code.id)).toEqual(code);
      vi.setSystemTime(soon + SWEEP_INTERVAL);
      await store.sweep();
      expect(await store.authorizations.find(code.id)).toBeUndefined();
      expect(await store.pendingUpstreams.find('u1', 'a.test')).toBeUndefined();
      expect(await store.families.sessionsOf('f1')).toEqual(['s2']);
      expect(await store.authorizations.find(lasting.id)).toEqual(lasting);
      expect(await store.pendingUpstreams.find('u1', 'b.test')).toBeDefined();
      expect(store.sessions.findNow(session.id)?.id).toBe(session.id);
    });

    if (!shared) return;
    test('an opening of a store finds no session that has expired meanwhile', async ({ skip }) => {
      const open = await opener(skip);
      const store = await open();
      const [gone, lasting] = [aSession({ expiresAt: Date.now() + 1_000 }), aSession()];
      await store.sessions.add(gone);
      await store.sessions.add(lasting);
      await store.close();
      vi.setSystemTime(Date.now() + 2_000);
      expect((await open()).sessions.liveUsers()).toEqual([{ email: lasting.email, expiresAt: lasting.expiresAt }]);
    });
  });
}

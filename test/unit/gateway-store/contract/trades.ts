import { describe, expect, test } from 'vitest';
import type { StateStore } from '../../../../src/gateway/identity/state-store.ts';
import { anAuthorization, aRefreshToken, aSession, issue } from '../samples.ts';
import type { Subject } from './subject.ts';

const CALLERS = 20;

/** At the same time, by turns through two stores on the same data where there can be two. */
function callers(stores: readonly StateStore[]): StateStore[] {
  return Array.from({ length: CALLERS }, (_, i) => stores[i % stores.length]).filter((store) => store !== undefined);
}

export function describeTrades({ shared, opener }: Subject): void {
  const openAll = async (skip: (why: string) => void): Promise<StateStore[]> => {
    const open = await opener(skip);
    return shared ? [await open(), await open()] : [await open()];
  };

  describe('a trade', () => {
    test(`of a code is won by one of ${CALLERS} callers, whose token is the only one`, async ({ skip }) => {
      const stores = await openAll(skip);
      const code = anAuthorization('s1');
      await stores[0]?.authorizations.add(code);
      const tries = callers(stores).map((store) => ({ store, next: aRefreshToken('s1') }));
      const won = await Promise.all(tries.map(async ({ store, next }) => store.redeem(code.id, next)));
      expect(won.filter(Boolean)).toHaveLength(1);
      const stored = await Promise.all(tries.map(async ({ store, next }) => store.refreshTokens.find(next.id)));
      expect(stored.map((one) => one !== undefined)).toEqual(won);
      for (const store of stores) expect(await store.authorizations.find(code.id)).toBeUndefined();
    });

    test(`of a refresh token is won by one of ${CALLERS} callers, all or nothing`, async ({ skip }) => {
      const stores = await openAll(skip);
      const used = stores[0] ? await issue(stores[0], 's1') : aRefreshToken('s1');
      const tries = callers(stores).map((store) => ({ store, session: aSession(), next: aRefreshToken('s2') }));
      const won = await Promise.all(
        tries.map(async ({ store, session, next }) => store.rotate(used.id, session, next)),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      for (const [index, { store, session, next }] of tries.entries()) {
        expect((await store.sessions.find(session.id)) !== undefined).toBe(won[index]);
        expect((await store.refreshTokens.find(next.id)) !== undefined).toBe(won[index]);
      }
      for (const store of stores) expect(await store.refreshTokens.find(used.id)).toBeUndefined();
    });

    test('that fails in the middle leaves everything as it was, and can be made again', async ({ skip }) => {
      const [store] = await openAll(skip);
      if (!store) throw new Error('no store');
      const session = aSession();
      await store.sessions.add(session);
      const taken = await issue(store, session.id);
      const code = anAuthorization(session.id);
      await store.authorizations.add(code);
      await expect(async () => store.redeem(code.id, taken)).rejects.toThrow(/unique/i);
      expect(await store.authorizations.find(code.id)).toEqual(code);
      const token = aRefreshToken(session.id);
      expect(await store.redeem(code.id, token)).toBe(true);

      const renewed = aSession();
      await expect(async () => store.rotate(token.id, session, aRefreshToken(session.id))).rejects.toThrow(/unique/i);
      await expect(async () => store.rotate(token.id, renewed, taken)).rejects.toThrow(/unique/i);
      expect(await store.sessions.find(renewed.id)).toBeUndefined();
      expect(store.sessions.findNow(renewed.id)).toBeUndefined();
      expect(await store.refreshTokens.find(token.id)).toEqual(token);
      expect(await store.rotate(token.id, renewed, aRefreshToken(renewed.id))).toBe(true);
      expect(store.sessions.findNow(renewed.id)?.id).toBe(renewed.id);
    });

    test('of what was traded before, or never existed, is lost', async ({ skip }) => {
      const [store] = await openAll(skip);
      if (!store) throw new Error('no store');
      const token = await issue(store, 's1');
      expect(await store.rotate(token.id, aSession(), aRefreshToken('s2'))).toBe(true);
      expect(await store.rotate(token.id, aSession(), aRefreshToken('s3'))).toBe(false);
      expect(await store.rotate('', aSession(), aRefreshToken('s3'))).toBe(false);
      expect(await store.redeem('', aRefreshToken('s3'))).toBe(false);
    });

    test('of a refresh token whose session has ended is lost', async ({ skip }) => {
      const [store] = await openAll(skip);
      if (!store) throw new Error('no store');
      const session = aSession();
      await store.sessions.add(session);
      const token = await issue(store, session.id);
      await store.endSession(session.id);
      expect(await store.rotate(token.id, aSession(), aRefreshToken('s2'))).toBe(false);
    });
  });
}

import { describe, expect, test } from 'vitest';
import { aSession } from '../samples.ts';
import type { Subject } from './subject.ts';

/** Milliseconds that news may take. */
const SOON = { timeout: 5_000 };
const KEY = { userId: 'u1', routeId: 'r1', upstreamUrl: 'https://up.test' };

export function describeTwoProcesses({ shared, opener }: Subject): void {
  if (!shared) return;
  describe('two stores on the same data', () => {
    test('see each other’s sessions begin and end', async ({ skip }) => {
      const open = await opener(skip);
      const [a, b] = [await open(), await open()];
      const sessions = Array.from({ length: 20 }, () => aSession());
      await Promise.all(sessions.map(async (session) => a.sessions.add(session)));
      for (const { id } of sessions) await expect.poll(() => b.sessions.findNow(id)?.id, SOON).toBe(id);
      const before = a.foreignVersion();
      await Promise.all(sessions.map(async ({ id }) => b.endSession(id)));
      for (const { id } of sessions) await expect.poll(() => a.sessions.findNow(id), SOON).toBeUndefined();
      expect(a.foreignVersion()).not.toBe(before);
    });

    test('see each other’s upstream tokens come, change and go', async ({ skip }) => {
      const open = await opener(skip);
      const [a, b] = [await open(), await open()];
      const seen: number[] = [];
      for (const sealed of ['one', 'two', undefined]) {
        const before = b.foreignVersion();
        await (sealed === undefined ? a.upstreamTokens.delete(KEY) : a.upstreamTokens.put({ ...KEY, sealed }));
        await expect.poll(() => b.upstreamTokens.allNow()[0]?.sealed, SOON).toBe(sealed);
        expect(b.foreignVersion()).not.toBe(before);
        seen.push(b.foreignVersion());
      }
      expect(new Set(seen).size).toBe(3);
    });

    test('a store’s own writing is no news to it', async ({ skip }) => {
      const open = await opener(skip);
      const [a, b] = [await open(), await open()];
      const before = a.foreignVersion();
      await a.upstreamTokens.put({ ...KEY, sealed: 'own' });
      await a.sessions.add(aSession());
      // By then what it was told of its own writing has arrived, too.
      await expect.poll(() => b.upstreamTokens.allNow()).toHaveLength(1);
      expect(a.foreignVersion()).toBe(before);
    });
  });
}

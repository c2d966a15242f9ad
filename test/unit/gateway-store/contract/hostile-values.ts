import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { anAuthorization, aRefreshToken, aSession, METADATA } from '../samples.ts';
import type { Subject } from './subject.ts';

const MEGABYTE = 1_048_576;
const UNICODE = 'Zoë 李小龍 🧑‍🚀 \u202e\u0000 \\u0000 “\'";--$1 ? %s';
/** A lone surrogate is no character; UTF-8 has none. */
const BROKEN = 'a\ud800b';

export function describeHostileValues({ opener }: Subject): void {
  describe('values', () => {
    test('of a megabyte come back whole', async ({ skip }) => {
      const store = await (await opener(skip))();
      const long = randomBytes(MEGABYTE / 2).toString('hex');
      const session = aSession({ idToken: long, idpRefreshToken: long, claims: { long }, name: long });
      await store.sessions.add(session);
      expect(await store.sessions.find(session.id)).toEqual(session);
      expect(store.sessions.findNow(session.id)?.claims).toEqual({ long });
      const client = { id: randomUUID(), metadata: { ...METADATA, client_name: long } };
      await store.clients.add(client);
      expect(await store.clients.find(client.id)).toEqual(client);
      const key = { userId: 'u1', routeId: 'r1', upstreamUrl: 'https://up.test' };
      await store.upstreamTokens.put({ ...key, sealed: long });
      expect((await store.upstreamTokens.find(key))?.sealed).toBe(long);
      const code = anAuthorization(session.id, { redirectUri: long });
      await store.authorizations.add(code);
      const token = aRefreshToken(session.id, { claims: { long } });
      expect(await store.redeem(code.id, token)).toBe(true);
      expect(await store.refreshTokens.find(token.id)).toEqual(token);
    });

    test('with NUL, quotes and any script change nothing but, at most, the NUL', async ({ skip }) => {
      const store = await (await opener(skip))();
      const session = aSession({ name: UNICODE, userId: UNICODE, claims: { [UNICODE]: [UNICODE, null, 1.5] } });
      await store.sessions.add(session);
      const found = await store.sessions.find(session.id);
      expect(found?.claims).toEqual(session.claims);
      // PostgreSQL's text cannot hold U+0000.
      expect([UNICODE, UNICODE.replace('\0', '\ufffd')]).toContain(found?.name);
      const key = { userId: UNICODE, routeId: 'r', upstreamUrl: UNICODE };
      await store.upstreamTokens.put({ ...key, sealed: 's' });
      expect((await store.upstreamTokens.find(key))?.sealed).toBe('s');
      expect(
        await store.upstreamTokens.find({ ...key, userId: UNICODE.slice(0, UNICODE.indexOf('\0')) }),
      ).toBeUndefined();
    });

    test('that are no text are stored as some', async ({ skip }) => {
      const store = await (await opener(skip))();
      const session = aSession({ name: BROKEN, claims: { [BROKEN]: BROKEN } });
      await store.sessions.add(session);
      const found = await store.sessions.find(session.id);
      expect(found?.name).toBe(BROKEN.toWellFormed());
      expect(found?.claims).toEqual(session.claims);
      expect(store.failure()).toBeUndefined();
    });

    test('that are absent stay absent', async ({ skip }) => {
      const store = await (await opener(skip))();
      const { idToken: _idToken, idpRefreshToken: _refresh, ...session } = aSession();
      const { codeChallenge: _challenge, ...code } = anAuthorization(session.id);
      const { idpRefreshToken: _none, ...token } = aRefreshToken(session.id);
      await store.sessions.add(session);
      await store.authorizations.add(code);
      expect(Object.keys((await store.sessions.find(session.id)) ?? {})).not.toContain('idToken');
      expect(await store.authorizations.find(code.id)).toEqual(code);
      await store.redeem(code.id, token);
      expect(await store.refreshTokens.find(token.id)).toEqual(token);
    });

    test('times far away keep every millisecond', async ({ skip }) => {
      const store = await (await opener(skip))();
      const session = aSession({ expiresAt: 8_640_000_000_000_000 });
      await store.sessions.add(session);
      expect(store.sessions.findNow(session.id)?.expiresAt).toBe(session.expiresAt);
      expect((await store.sessions.find(session.id))?.expiresAt).toBe(session.expiresAt);
    });

    test('an identifier of an upstream that is too long is kept or refused, and the store goes on', async ({
      skip,
    }) => {
      const store = await (await opener(skip))();
      const key = { userId: randomBytes(5_000).toString('hex'), routeId: 'r', upstreamUrl: 'https://up.test' };
      const stored = await Promise.resolve()
        .then(async () => store.upstreamTokens.put({ ...key, sealed: 's' }))
        .then(
          () => 's',
          () => undefined,
        );
      expect((await store.upstreamTokens.find(key))?.sealed).toBe(stored);
      expect(store.upstreamTokens.allNow()).toHaveLength(stored === undefined ? 0 : 1);
      await store.upstreamTokens.put({ ...key, userId: 'x'.repeat(255), sealed: 't' });
      expect((await store.upstreamTokens.find({ ...key, userId: 'x'.repeat(255) }))?.sealed).toBe('t');
      expect(store.failure()).toBeUndefined();
    });
  });
}

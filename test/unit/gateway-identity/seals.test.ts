import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { redirect } from '../../../src/gateway/identity/answers.ts';
import { readCookie } from '../../../src/gateway/identity/cookies.ts';
import { Generations } from '../../../src/gateway/identity/generations.ts';
import { encodeQuery, escapeHtml } from '../../../src/gateway/identity/go-text.ts';
import { createToken, openToken, type TokenKind } from '../../../src/gateway/identity/opaque-token.ts';
import { deriveKeys, seal, unseal } from '../../../src/gateway/identity/seal.ts';
import {
  createCsrfCookie,
  createState,
  openCsrfCookie,
  openState,
} from '../../../src/gateway/identity/sign-in-state.ts';

const keys = deriveKeys(Buffer.alloc(32, 1));
const TOKEN = { id: randomUUID(), expiresAt: 1_800_000_000_000 };

describe('opaque tokens', () => {
  const kinds: TokenKind[] = ['access', 'refresh', 'code'];

  test.each(kinds)('a token of kind %s opens as that kind alone', (kind) => {
    const token = createToken(keys.tokens, kind, TOKEN, 'client');
    expect(kinds.filter((other) => openToken(keys.tokens, other, token, 'client'))).toEqual([kind]);
    expect(openToken(keys.tokens, kind, token, 'client')).toEqual(TOKEN);
  });

  test('opens for the client it is bound to, and with its key', () => {
    const token = createToken(keys.tokens, 'refresh', TOKEN, 'client');
    expect(openToken(keys.tokens, 'refresh', token, 'other')).toBeUndefined();
    expect(openToken(deriveKeys(Buffer.alloc(32, 2)).tokens, 'refresh', token, 'client')).toBeUndefined();
  });

  test('never looks the same twice', () => {
    const made = new Set(Array.from({ length: 50 }, () => createToken(keys.tokens, 'access', TOKEN)));
    expect(made.size).toBe(50);
  });
});

describe('seals', () => {
  test('any changed bit is noticed', () => {
    const sealed = seal(keys.signIn, Buffer.from('secret'), 'bound');
    expect(unseal(keys.signIn, sealed, 'bound')?.toString()).toBe('secret');
    for (let byte = 0; byte < sealed.length; byte++) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(byte) ^ 1, byte);
      expect(unseal(keys.signIn, changed, 'bound')).toBeUndefined();
    }
    expect(unseal(keys.signIn, sealed.subarray(0, 39), 'bound')).toBeUndefined();
  });
});

describe('the state of a sign-in', () => {
  test('counts in the browser that began it, and leads back', () => {
    const { token, value } = createCsrfCookie(keys.signIn);
    expect(openCsrfCookie(keys.signIn, value)).toEqual(token);
    const state = createState(keys.signIn, token, 'https://a.test/back');
    expect(openState(keys.signIn, token, state)).toEqual({ kind: 'ok', returnTo: 'https://a.test/back' });
    expect(openState(keys.signIn, createCsrfCookie(keys.signIn).token, state).kind).toBe('invalid');
    expect(openState(keys.signIn, undefined, state).kind).toBe('invalid');
    expect(openState(deriveKeys(Buffer.alloc(32, 2)).signIn, token, state).kind).toBe('invalid');
  });

  test('its time cannot be moved', () => {
    const { token } = createCsrfCookie(keys.signIn);
    const state = Buffer.from(createState(keys.signIn, token, 'https://a.test/'), 'base64url');
    const second = state.indexOf('|', state.indexOf('|') + 1);
    // The last digit: one more than it was, or 0 after 9.
    state.writeUInt8(48 + ((state.readUInt8(second - 1) - 47) % 10), second - 1);
    expect(openState(keys.signIn, token, state.toString('base64url')).kind).toBe('invalid');
  });
});

describe('cookies of a request', () => {
  test.each([
    ['_pomerium=a', 'a'],
    ['_pomerium_csrf=x; _pomerium=a', 'a'],
    ['x=1;_pomerium="a"', 'a'],
    ['_pomerium=a=b; _pomerium=second', 'a=b'],
    ['_pomerium', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s: %s', (header, value) => expect(readCookie(header, '_pomerium')).toBe(value));
});

test('a redirect cannot smuggle a header or markup', () => {
  const reply = redirect('http://127.0.0.1/callback#\r\nSet-Cookie: a=b "><script>é');
  expect(reply.headers).toContainEqual([
    'Location',
    'http://127.0.0.1/callback#%0D%0ASet-Cookie:%20a=b%20"><script>%C3%A9',
  ]);
  expect(String(reply.body)).toContain('&#34;&gt;&lt;script&gt;');
});

test('queries and HTML are written as Go writes them', () => {
  expect(
    encodeQuery([
      ['b', "a b~*!'()"],
      ['a', '+/='],
    ]),
  ).toBe('a=%2B%2F%3D&b=a+b~%2A%21%27%28%29');
  expect(escapeHtml(`<a href="x">'&`)).toBe('&lt;a href=&#34;x&#34;&gt;&#39;&amp;');
});

describe('the cache of opened credentials', () => {
  test('keeps what is used and drops what is not', () => {
    const cache = new Generations<number>(10);
    cache.set('used', 1);
    cache.set('unused', 2);
    for (let i = 0; i < 30; i++) {
      cache.set(`x${i}`, i);
      expect(cache.get('used')).toBe(1);
    }
    expect(cache.get('unused')).toBeUndefined();
  });
});

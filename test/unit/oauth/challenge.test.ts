import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenge } from '../../../src/oauth/challenge.ts';
import { chooseScope, coversScope, scopeUnion } from '../../../src/oauth/scopes.ts';

describe('a challenge', () => {
  test.each<[string | null, unknown]>([
    [null, undefined],
    ['', undefined],
    ['Basic realm="x"', undefined],
    ['Bearer', {}],
    ['bearer scope="a b"', { scope: 'a b' }],
    [
      'Bearer realm="x", resource_metadata="https://a/b", error="invalid_token"',
      { resourceMetadata: 'https://a/b', error: 'invalid_token' },
    ],
    ['Bearer resource_metadata=https://a/b', { resourceMetadata: 'https://a/b' }],
    ['Basic realm="Bearer scope=no", Bearer scope="yes"', { scope: 'yes' }],
    ['Bearer scope="say \\"hi\\""', { scope: 'say "hi"' }],
    ['Bearer SCOPE="a", scope="b"', { scope: 'a' }],
    ['Bearer scope="a", DPoP algs="ES256"', { scope: 'a' }],
    ['Bearerish scope="a"', undefined],
  ])('%s', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });

  test('never throws, whatever a server sends', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseChallenge(`Bearer ${text}`)));
  });
});

describe('scopes', () => {
  const discovery = { metadata: { issuer: '', authorization_endpoint: '', token_endpoint: '' } };

  test('are joined without doubles', () => {
    expect(scopeUnion('a b', 'b  c')).toBe('a b c');
    expect(scopeUnion(undefined, ' ')).toBeUndefined();
  });

  test('cover what is wanted, and everything when nothing was said', () => {
    expect(coversScope('a b', 'b')).toBe(true);
    expect(coversScope('a', 'a b')).toBe(false);
    expect(coversScope(undefined, 'a')).toBe(true);
  });

  test('held ones are kept on a step-up', () => {
    expect(chooseScope({ held: 'a' }, { ...discovery, challengeScope: 'b' })).toBe('a b');
  });
});

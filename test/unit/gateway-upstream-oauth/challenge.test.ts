import { expect, test } from 'vitest';
import { parseBearerChallenge } from '../../../src/gateway/upstream-oauth/www-authenticate.ts';

test.each([
  [
    'Bearer resource_metadata="https://x/y", error="e", scope="a  b"',
    { resourceMetadata: 'https://x/y', error: 'e', scope: ['a', 'b'] },
  ],
  ['Bearer realm="a\\"b",  error="e";p=1', { error: 'e' }],
  ['Bearer error=token', {}],
  ['Bearer a, b=?1, c=2.5, d=:aGk=:, error="last"', { error: 'last' }],
  ['Bearer error="one", error="two"', { error: 'two' }],
  ['Bearer ', {}],
  ['Bearer realm="x" error="y"', undefined],
  ['Bearer Realm="x"', undefined],
  ['Bearer error="x",', undefined],
  ['bearer error="x"', undefined],
  ['Basic realm="x"', undefined],
  [undefined, undefined],
])('the challenge %s', (header, expected) => expect(parseBearerChallenge(header)).toEqual(expected));

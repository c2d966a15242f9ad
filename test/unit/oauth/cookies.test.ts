import { describe, expect, test } from 'vitest';
import { CookieJar } from '../../../src/oauth/cookies.ts';

const HERE = new URL('https://a.example.com/x/y');

function jarWith(...lines: string[]): CookieJar {
  const jar = new CookieJar();
  const headers = new Headers();
  for (const line of lines) headers.append('set-cookie', line);
  jar.take(new Response(null, { headers }), HERE);
  return jar;
}

describe('the cookie jar', () => {
  test.each([
    ['a=1', 'https://a.example.com/x/z', 'a=1'],
    ['a=1', 'https://a.example.com/other', undefined],
    ['a=1; Path=/', 'https://a.example.com/other', 'a=1'],
    ['a=1; Path=/', 'https://b.example.com/', undefined],
    ['a=1; Path=/', 'https://deep.a.example.com/', undefined],
    ['a=1; Path=/; Domain=example.com', 'https://b.example.com/', 'a=1'],
    ['a=1; Path=/; Domain=.example.com', 'https://b.example.com/', 'a=1'],
    ['a=1; Path=/; Domain=evil.com', 'https://evil.com/', undefined],
    ['a=1; Path=/; Domain=b.example.com', 'https://b.example.com/', undefined],
    ['a=1; Path=/; Secure', 'http://a.example.com/', undefined],
    ['a=1; Path=/; Secure', 'https://a.example.com/', 'a=1'],
    ['a=1; Path=/ab', 'https://a.example.com/abc', undefined],
    ['a=b=c; Path=/', 'https://a.example.com/', 'a=b=c'],
    ['=1; Path=/', 'https://a.example.com/', undefined],
    ['a; Path=/', 'https://a.example.com/', undefined],
  ])('%s for %s gives %s', (line, url, expected) => {
    expect(jarWith(line).header(new URL(url))).toBe(expected);
  });

  test('the last value wins, and an ended one is dropped', () => {
    expect(jarWith('a=1; Path=/', 'a=2; Path=/', 'b=1; Path=/', 'b=1; Path=/; Max-Age=0').header(HERE)).toBe('a=2');
  });

  test('more exact paths come first', () => {
    expect(jarWith('a=1; Path=/', 'b=2; Path=/x').header(HERE)).toBe('b=2; a=1');
  });
});

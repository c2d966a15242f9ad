import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../../src/pomerium/go/duration.ts';
import { decodeBase64 } from '../../../src/pomerium/go/base64.ts';
import { compileEvery, compileWhole, translateSubstitution } from '../../../src/pomerium/go/regex.ts';
import { formatGoUrl, hostnameOf, parseGoUrl, parseUrl, portOf } from '../../../src/pomerium/go/url.ts';

const messageOf = (act: () => unknown): string => {
  try {
    act();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe("URLs, in Go's words (compared with net/url of Go 1.26)", () => {
  test.each([
    ['a:b c', ''],
    ['ht!tp://%%', 'parse "ht!tp://%%": first path segment in URL cannot contain colon'],
    ['https://bad host', 'parse "https://bad host": invalid character " " in host name'],
    ['https://a:x', 'parse "https://a:x": invalid port ":x" after host'],
    ['https://[::1', 'parse "https://[::1": missing \']\' in host'],
    ['https://a/%zz', 'parse "https://a/%zz": invalid URL escape "%zz"'],
    ['https://a%2F', 'parse "https://a%2F": invalid URL escape "%2F"'],
    ['https://a\t', 'parse "https://a\\t": net/url: invalid control character in URL'],
    ['https://a b@c', 'parse "https://a b@c": net/url: invalid userinfo'],
    [':', 'parse ":": missing protocol scheme'],
    ['https://a#%z', 'parse "https://a#%z": invalid URL escape "%z"'],
  ])('%s', (url, message) => {
    expect(messageOf(() => parseGoUrl(url))).toBe(message);
  });

  test('keeps an encoded path beside the decoded one only where the two differ', () => {
    expect(parseGoUrl('https://a/x%20y')).toMatchObject({ path: '/x y', rawPath: '' });
    expect(parseGoUrl('https://a/x%2Fy')).toMatchObject({ path: '/x/y', rawPath: '/x%2Fy' });
    expect(formatGoUrl(parseGoUrl('HTTPS://u:p@a:1/x%2Fy?q#f'))).toBe('https://u:p@a:1/x%2Fy?q#f');
  });

  test('splits host and port', () => {
    const parts = ['https://a', 'https://a:1', 'https://[::1]:1', 'https://[::1]'].map((url) => [
      hostnameOf(parseGoUrl(url)),
      portOf(parseGoUrl(url)),
    ]);
    expect(parts).toEqual([
      ['a', ''],
      ['a', '1'],
      ['::1', '1'],
      ['::1', ''],
    ]);
  });

  test.each([
    ['', 'url cannot be empty'],
    ['mcp.corp.test', 'mcp.corp.test url does not contain a valid scheme'],
    ['name:8080', 'name:8080 url does not contain a valid hostname'],
    ['http://', 'http: url does not contain a valid hostname'],
    [
      '127.0.0.1:1',
      'parse "127.0.0.1:1": first path segment in URL cannot contain colon, have you specified protocol (ex: https)',
    ],
    ['unix:///run/x.sock', ''],
  ])('Pomerium wants scheme and host: %s', (url, message) => {
    expect(messageOf(() => parseUrl(url))).toBe(message);
  });
});

describe('durations (time.ParseDuration)', () => {
  test.each([
    ['14h', 50_400_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['250ms', 250],
    ['10us', 0.01],
    ['10µs', 0.01],
    ['1ns', 1e-6],
    ['-1h', -3_600_000],
    ['+1s', 1000],
    ['0', 0],
  ])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9);
  });

  test.each(['', '1', '1d', 'h', '1 h', '1h 2m', '--1s', 'forever'])('not %o', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('base64 (encoding/base64)', () => {
  test.each([
    ['YWJj', 3],
    ['YW\nI=\n', 2],
    ['', 0],
  ])('%o', (text, length) => {
    expect(decodeBase64(text)).toHaveLength(length);
  });

  test.each([
    ['not base64!!', 3],
    ['YWJ', 0],
    ['YWJjYQ', 4],
    ['YQ=', 3],
    ['YQ=a', 2],
    ['YQ==YQ==', 4],
    ['Y', 0],
    ['=', 0],
    ['-_-_', 0],
  ])('not %o', (text, byte) => {
    expect(messageOf(() => decodeBase64(text))).toBe(`illegal base64 data at input byte ${byte}`);
  });
});

describe('expressions (RE2)', () => {
  test('match the whole text', () => {
    expect(['/a', '/ab', 'x/a'].map((text) => compileWhole('/a|/b').test(text))).toEqual([true, false, false]);
  });

  test('know flags and named groups', () => {
    expect(compileWhole('(?i)/A(?P<rest>.*)').exec('/abc')?.groups?.['rest']).toBe('bc');
  });

  test('replace every match, with RE2 groups', () => {
    const rewritten = 'a1b2'.replace(compileEvery('([a-z])(\\d)'), translateSubstitution('\\2$\\1\\0'));
    expect(rewritten).toBe('1$aa12$bb2');
  });

  test.each(['(', '(?=x)', '(?<!x)', '[z-a]'])('not %s', (pattern) => {
    expect(messageOf(() => compileWhole(pattern))).not.toBe('');
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResponseError } from '../../../src/gateway/upstream/response-framing.ts';
import { ResponseParser } from '../../../src/gateway/upstream/response-parser.ts';

interface Parsed {
  status: number;
  headers: string[];
  body: string;
  reusable: boolean | undefined;
  upgraded: string | undefined;
}

/** Parses bytes that arrive in the given pieces; `closes` ends the connection behind them. */
function parse(pieces: readonly string[], method = 'GET', closes = true): Parsed | 'incomplete' {
  const found: Parsed = { status: 0, headers: [], body: '', reusable: undefined, upgraded: undefined };
  const parser = new ResponseParser();
  parser.expect(
    {
      head: (status, headers) => Object.assign(found, { status, headers }),
      data: (chunk) => (found.body += chunk.toString('latin1')),
      end: (reusable) => (found.reusable = reusable),
      upgraded: (headers, rest) =>
        Object.assign(found, { status: 101, headers, upgraded: rest.toString('latin1'), reusable: false }),
    },
    method,
  );
  for (const piece of pieces) parser.push(Buffer.from(piece, 'latin1'));
  if (closes && !parser.finish()) return 'incomplete';
  return found.reusable === undefined ? 'incomplete' : found;
}

const GOOD: [name: string, bytes: string, wanted: Partial<Parsed>][] = [
  [
    'a body of known length',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    { status: 200, body: 'hello', reusable: true },
  ],
  ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '', reusable: true }],
  [
    'chunks with extensions and trailers',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2 \r\nde\r\n0\r\nX: y\r\n\r\n',
    { body: 'abcde', reusable: true },
  ],
  [
    'a body up to the end of the connection',
    'HTTP/1.1 200 OK\r\n\r\nall of it',
    { body: 'all of it', reusable: false },
  ],
  [
    'interim responses before the final one',
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    { status: 204 },
  ],
  [
    'equal lengths twice',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx',
    { body: 'x', reusable: true },
  ],
  ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', { reusable: false }],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx', { body: 'x', reusable: false }],
  [
    'a protocol switch',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nrest',
    { status: 101, upgraded: 'rest' },
  ],
];

const BAD: [name: string, bytes: string][] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
  ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello'],
  ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello'],
  ['a length beyond all measure', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(20)}\r\n\r\n`],
  ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n'],
  ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
  ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
  ['a control character', 'HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n'],
  ['a bare line feed in a value', 'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: evil=1\r\n\r\n'],
  ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ['a negative chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n'],
  ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n'],
  ['a second answer that nobody asked for', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(70_000)}`],
  ['a chunk line without end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(5_000)}`],
];

const CUT: [name: string, bytes: string][] = [
  ['in the head', 'HTTP/1.1 200 OK\r\nContent-'],
  ['in a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'],
  ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'],
  ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
];

describe('parsing what an upstream answers', () => {
  test.each(GOOD)('understands %s', (_, bytes, wanted) => {
    expect(parse([bytes])).toMatchObject(wanted);
  });

  test.each(GOOD)('understands %s byte by byte', (_, bytes, wanted) => {
    // What follows a protocol switch is no longer this parser's.
    const switched = wanted.upgraded === undefined ? bytes : bytes.slice(0, -wanted.upgraded.length);
    const { upgraded: _rest, ...others } = wanted;
    expect(parse(Array.from(switched))).toMatchObject(others);
  });

  test.each(BAD)('refuses %s', (_, bytes) => {
    expect(() => parse([bytes])).toThrow(ResponseError);
  });

  test.each(CUT)('sees that an answer was cut %s', (_, bytes) => {
    expect(parse([bytes])).toBe('incomplete');
  });

  test('the answer to HEAD has no body, whatever its length says', () => {
    expect(parse(['HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n'], 'HEAD')).toMatchObject({
      body: '',
      reusable: true,
    });
  });

  test('how the bytes were cut up makes no difference', () => {
    const bytes =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 80 }), (lengths) => {
        const pieces: string[] = [];
        let at = 0;
        for (const length of lengths) {
          pieces.push(bytes.slice(at, at + length));
          at += length;
        }
        pieces.push(bytes.slice(at));
        expect(parse(pieces)).toMatchObject({ body: 'abc0123456789abcdef', reusable: true });
      }),
      { numRuns: 200 },
    );
  });

  test('any bytes end in an answer, a refusal or a wait for more', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'Content-Length: 3\r\n',
        'Transfer-Encoding: chunked\r\n',
        '\r\n',
        '3\r\n',
        'abc',
        '0\r\n\r\n',
      ),
      fc.string({ unit: 'binary-ascii', maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parse(pieces);
        } catch (error) {
          expect(error).toBeInstanceOf(ResponseError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

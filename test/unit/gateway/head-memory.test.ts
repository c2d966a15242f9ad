import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePlainHead } from '../../../src/gateway/client/plain-head.ts';
import { HeadMemory } from '../../../src/gateway/head-memory.ts';

const HEAD = 'POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\nX: y';

function remembering(text: string): HeadMemory<string> {
  const memory = new HeadMemory<string>();
  memory.keep(Buffer.from(`${text}\r\n\r\n{}`, 'latin1'), text, 'known');
  return memory;
}

const recall = (memory: HeadMemory<string>, text: string) => memory.recall(Buffer.from(text, 'latin1'));

describe('the memory of heads', () => {
  test('knows a head again that differs in its length alone, and where its body begins', () => {
    const text = `${HEAD.replace('17', '123456')}\r\n\r\nbody`;
    expect(recall(remembering(HEAD), text)).toEqual({
      value: 'known',
      contentLength: 123_456,
      size: text.length - 'body'.length,
    });
  });

  test('knows one whose length stands last', () => {
    expect(recall(remembering('A\r\ncontent-length: 1'), 'A\r\ncontent-length: 20\r\n\r\n')?.contentLength).toBe(20);
  });

  const OTHER: [name: string, text: string][] = [
    ['another path', HEAD.replace('/mcp', '/mcq')],
    ['another value behind the length', HEAD.replace('X: y', 'X: z')],
    ['a line more', `${HEAD}\r\nY: z`],
    ['no length', HEAD.replace('17', '')],
    ['the length 0', HEAD.replace('17', '0')],
    ['a leading zero', HEAD.replace('17', '017')],
    ['a sign', HEAD.replace('17', '+17')],
    ['more digits than a body has', HEAD.replace('17', '1234567890')],
    ['a list', HEAD.replace('17', '17, 17')],
  ];

  test.each(OTHER)('does not take %s for it', (_, text) => {
    expect(recall(remembering(HEAD), `${text}\r\n\r\n`)).toBeUndefined();
  });

  test('does not know a head of which a part has come', () => {
    for (let size = 0; size < HEAD.length + 4; size++) {
      expect(recall(remembering(HEAD), `${HEAD}\r\n\r\n`.slice(0, size))).toBeUndefined();
    }
  });

  test('remembers no head with two lengths, adjacent or not', () => {
    for (const text of [
      'A\r\nContent-Length: 5\r\nContent-Length: 5\r\nB',
      'A\r\nContent-Length: 5\r\nB\r\ncontent-length: 5',
    ]) {
      expect(recall(remembering(text), `${text}\r\n\r\n`)).toBeUndefined();
    }
  });

  test('what it recalls is what the parser would have found', () => {
    const line = fc.stringMatching(/^[A-Za-z-]{1,12}: [!-~]{0,12}$/);
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        fc.nat(4),
        fc.integer({ min: 1, max: 99_999 }),
        (lines, at, length) => {
          const headOf = (value: number): string =>
            ['POST / HTTP/1.1', 'Host: a', ...lines.toSpliced(at, 0, `Content-Length: ${value}`)].join('\r\n');
          const parsed = parsePlainHead(headOf(length));
          if (!parsed || !parsePlainHead(headOf(1))) return;
          const found = recall(remembering(headOf(1)), `${headOf(length)}\r\n\r\n`);
          expect(found?.contentLength).toBe(parsed.contentLength);
        },
      ),
    );
  });
});

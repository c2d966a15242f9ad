import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventData } from '../../../src/mcp/event-stream.ts';
import { callHeaders, headerValue, parameterHeaders } from '../../../src/mcp/headers.ts';

describe('header values', () => {
  test.each([
    ['plain', 'plain'],
    ['two words', 'two words'],
    [' padded', '=?base64?IHBhZGRlZA==?='],
    ['é', '=?base64?w6k=?='],
    ['a\nb', '=?base64?YQpi?='],
    ['=?base64?x?=', '=?base64?PT9iYXNlNjQ/eD89?='],
  ])('%j is sent as %s', (text, expected) => expect(headerValue(text)).toBe(expected));

  test('can always be carried and always be read back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const value = headerValue(text);
        expect(() => new Headers({ x: value })).not.toThrow();
        const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
        expect(encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8')).toBe(text);
      }),
    );
  });
});

describe('parameters that go into headers', () => {
  test('are found, also deep down, and left out when they are null or absent', () => {
    const tool = {
      name: 't',
      ...schema({
        region: { type: 'string', 'x-mcp-header': 'Region' },
        deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
        plain: { type: 'string' },
      }),
    };
    expect(callHeaders(tool, { region: 'eu', deep: { n: 3 }, plain: 'x' })).toEqual({
      'mcp-param-region': 'eu',
      'mcp-param-n': '3',
    });
    expect(callHeaders(tool, { region: null })).toEqual({});
    expect(callHeaders(undefined, { region: 'eu' })).toEqual({});
  });

  test.each<[string, Record<string, unknown>]>([
    ['an empty name', { a: { type: 'string', 'x-mcp-header': '' } }],
    ['a name with a blank', { a: { type: 'string', 'x-mcp-header': 'a b' } }],
    ['a name that is no text', { a: { type: 'string', 'x-mcp-header': 1 } }],
    ['an object', { a: { type: 'object', 'x-mcp-header': 'A' } }],
    ['one name twice', { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } }],
    ['a name inside a list', { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } }],
  ])('make a tool unusable with %s', (_, properties) => {
    expect(parameterHeaders(schema(properties))).toBeUndefined();
  });
});

describe('an event stream', () => {
  const EVENTS = ['{"a":1}', 'two\nlines', 'ö'];
  const TEXT = `: comment\n\nevent: x\ndata: {"a":1}\n\ndata: two\r\ndata:lines\r\n\r\nid: 1\ndata: ö\n\ndata: lost`;

  test('gives the same events however it is cut', async () => {
    const bytes = Buffer.from(TEXT);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), async (cuts) => {
        const at = [0, ...new Set(cuts), bytes.length].toSorted((a, b) => a - b);
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(await collect(chunks)).toEqual(EVENTS);
      }),
    );
  });

  test('with one endless event is given up', async () => {
    await expect(collect([Buffer.from(`data: ${'x'.repeat(2_000)}`)])).rejects.toThrow('too large');
    await expect(collect(Array.from({ length: 200 }, () => Buffer.from('data: xxxxxxxx\n')))).rejects.toThrow(
      'too large',
    );
  });
});

async function collect(chunks: Uint8Array[]): Promise<string[]> {
  const found: string[] = [];
  const source = (async function* () {
    yield* chunks;
  })();
  for await (const data of eventData(source, 1_000)) found.push(data);
  return found;
}

function schema(properties: Record<string, unknown>): { inputSchema: Record<string, unknown> } {
  return { inputSchema: { type: 'object', properties } };
}

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { peekJsonRpc } from '../../../src/pomerium/index.ts';

const peek = (text: string) => peekJsonRpc(Buffer.from(text));

/** A tools/call whose `params` and neighbours are given as text. */
const call = (params: string, members = '"jsonrpc":"2.0","id":1,'): string =>
  `{${members}"method":"tools/call","params":${params}}`;

describe('what counts as a request', () => {
  test.each([
    ['a call', '{"jsonrpc":"2.0","id":1,"method":"ping"}', { id: 1, method: 'ping' }],
    ['a notification', '{"jsonrpc":"2.0","method":"x"}', { method: 'x' }],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"x"}', { method: 'x' }],
    ['a broken id', '{"jsonrpc":"2.0","id":1.5,"method":"x"}', { id: 1, method: 'x' }],
    ['an id beyond int64', '{"jsonrpc":"2.0","id":1e30,"method":"x"}', { id: -(2 ** 63), method: 'x' }],
    ['a text id with escapes', '{"jsonrpc":"2.0","id":"\\u0061\\n","method":"x"}', { id: 'a\n', method: 'x' }],
    ['blanks around', ' \n\t{"jsonrpc":"2.0","method":"x"}  ', { method: 'x' }],
    ['another value after it', '{"jsonrpc":"2.0","method":"x"}{"jsonrpc":"2.0","method":"y"}', { method: 'x' }],
    ['an escaped name of a member', '{"jsonrpc":"2.0","meth\\u006fd":"x"}', { method: 'x' }],
    ['the last of two equal members', '{"jsonrpc":"1.0","method":"a","jsonrpc":"2.0","method":"b"}', { method: 'b' }],
    ['a null member after a good one', '{"jsonrpc":"2.0","method":"a","method":null}', { method: 'a' }],
    ['members in another case', '{"jsonrpc":"2.0","method":"a","Method":"b"}', { method: 'a' }],
  ])('%s', (_, text, expected) => {
    expect(peek(text)).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['a batch', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'],
    ['a response', '{"jsonrpc":"2.0","id":1,"result":{}}'],
    ['no version', '{"id":1,"method":"ping"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['an empty method', '{"jsonrpc":"2.0","id":1,"method":""}'],
    ['a method that is no text', '{"jsonrpc":"2.0","id":1,"method":5}'],
    ['an id that is a list', '{"jsonrpc":"2.0","id":[1],"method":"x"}'],
    ['an id that is a boolean', '{"jsonrpc":"2.0","id":true,"method":"x"}'],
    ['an id that no double holds', '{"jsonrpc":"2.0","id":1e999,"method":"x"}'],
    ['a byte order mark', '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['a comma too many', '{"jsonrpc":"2.0","method":"x",}'],
    ['single quotes', "{'jsonrpc':'2.0','method':'x'}"],
    ['a comment', '{"jsonrpc":"2.0",/**/"method":"x"}'],
    ['a number with a leading zero', '{"jsonrpc":"2.0","id":01,"method":"x"}'],
    ['a line end inside a text', '{"jsonrpc":"2.0","method":"a\nb"}'],
  ])('not %s', (_, text) => {
    expect(peek(text)).toBeUndefined();
  });

  test('not a body that was cut, wherever the cut is', () => {
    const whole = call('{"name":"echo","arguments":{"text":"\u00e9 \\"quoted\\"","list":[1,-2.5e3,true,null]}}');
    const bytes = Buffer.from(whole);
    for (let i = 0; i < bytes.length; i++) expect(peekJsonRpc(bytes.subarray(0, i))).toBeUndefined();
    expect(peekJsonRpc(bytes)).toEqual({ id: 1, method: 'tools/call', tool: 'echo' });
  });
});

describe('the tool of a call', () => {
  test.each([
    ['the name', '{"name":"echo"}', 'echo'],
    ['the last of two names', '{"name":"echo","name":"secret"}', 'secret'],
    ['a name in any case', '{"NAME":"echo","Name":"secret"}', 'secret'],
    ['a null name after a good one', '{"name":"echo","name":null}', 'echo'],
    ['no name', '{}', ''],
    ['null parameters', 'null', ''],
    ['a lone surrogate', '{"name":"\\ud800"}', '\ufffd'],
    ['huge numbers outside the arguments', '{"name":"echo","_meta":1e999}', 'echo'],
    ['big numbers in texts', '{"name":"echo","arguments":{"a":"1e999"}}', 'echo'],
  ])('%s', (_, params, tool) => {
    expect(peek(call(params))?.tool).toBe(tool);
  });

  test.each([
    ['a list', '["echo"]'],
    ['a name that is no text', '{"name":1}'],
    ['arguments that are no object', '{"name":"echo","arguments":[]}'],
    ['a number that no double holds', '{"name":"echo","arguments":{"a":[{"b":-1e999}]}}'],
  ])('unknown for %s, while the method counts', (_, params) => {
    const request = peek(call(params));
    expect(request?.method).toBe('tools/call');
    expect(request).not.toHaveProperty('tool');
  });
});

describe('for any body', () => {
  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
          fc.string().map((text) => Buffer.from(text)),
        ),
        (body) => {
          peekJsonRpc(body);
        },
      ),
    );
  });

  test('never throws on a mangled call', () => {
    const whole = Buffer.from(call('{"name":"echo","arguments":{"a":[1,2,{"b":"c"}]}}'));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const body = Buffer.from(whole);
        body[at] = byte;
        peekJsonRpc(body);
      }),
    );
  });

  test('agrees with JSON.parse on every object', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string(),
        fc.oneof(fc.string(), fc.integer()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.jsonValue(),
        (method, name, id, args, extra) => {
          const message = { extra, jsonrpc: '2.0', id, method, params: { name, arguments: args } };
          const parsed = JSON.parse(JSON.stringify(message)) as typeof message;
          expect(peek(JSON.stringify(message))).toEqual({
            id: parsed.id,
            method: parsed.method,
            ...(method === 'tools/call' && { tool: parsed.params.name }),
          });
          expect(peek(call(JSON.stringify(message.params)))?.tool).toBe(parsed.params.name);
        },
      ),
    );
  });

  test('takes only what JSON.parse takes', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"method"',
      '"x"',
      '"jsonrpc"',
      '"2.0"',
      '1',
      '-',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '"',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `{"jsonrpc":"2.0","method":"m","params":${pieces.join('')}}`;
        const request = peek(text);
        if (request && text.trimEnd().endsWith('}') && isJson(text)) return;
        // What follows the first value is not looked at, so a longer text may count although it is no JSON as a whole.
        if (request) expect(prefixes(text).some(isJson)).toBe(true);
        else expect(isJson(text) && !/"method"|"jsonrpc"/.test(pieces.join(''))).toBe(false);
      }),
    );
  });

  test('walks a deep body without recursion', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(peek(`{"jsonrpc":"2.0","method":"x","params":${deep}}`)).toEqual({ method: 'x' });
    expect(peek(call(`{"name":"echo","arguments":{"a":${deep}}}`))?.tool).toBe('echo');
  });
});

const prefixes = (text: string): string[] => Array.from(text, (_, i) => text.slice(0, i + 1));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

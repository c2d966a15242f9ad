import { expect, test } from 'vitest';
import { toolArguments } from '../../../src/pomerium/index.ts';

const call = (params: string, after = ''): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}${after}`);

test.each([
  ['{"name":"x","arguments":{"a":1,"b":[true,null]}}', { a: 1, b: [true, null] }],
  ['{"name":"x","Arguments":{"a":"ü\\u00e9"}}', { a: 'üé' }],
  ['{"name":"x","arguments":{"a":1},"arguments":{"a":2}}', { a: 2 }],
  ['{"name":"x","arguments":{}}', {}],
  ['{"name":"x","arguments":null}', undefined],
  ['{"name":"x"}', undefined],
  ['null', undefined],
])('the arguments of a call with the parameters %s', (params, expected) => {
  expect(toolArguments(call(params))).toEqual(expected);
});

test('what follows the message is not looked at', () => {
  expect(toolArguments(call('{"name":"x","arguments":{"a":1}}', ' {"more":'))).toEqual({ a: 1 });
});

test('arguments that are nested too deep to be written again are left out', () => {
  expect(toolArguments(call(`{"arguments":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`))).toBeUndefined();
});

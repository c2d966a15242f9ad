import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesDomain } from '../../../src/pomerium/index.ts';

test.each([
  [['claude.ai'], 'claude.ai', true],
  [['claude.ai'], 'CLAUDE.ai', true],
  [['Claude.AI'], 'claude.ai', true],
  [['claude.ai'], 'www.claude.ai', false],
  [['*.example.com'], 'a.example.com', true],
  [['*.example.com'], 'example.com', false],
  [['*.example.com'], 'a.b.example.com', false],
  [['*.*.example.com'], 'a.b.example.com', true],
  [['*.*.example.com'], 'a.example.com', false],
  [['*'], 'localhost', true],
  [['*'], 'example.com', false],
  [['a.example.com', 'b.example.com'], 'b.example.com', true],
  [['https://claude.ai'], 'claude.ai', false],
  [['claude.ai:443'], 'claude.ai', false],
  [[], 'claude.ai', false],
  [['*.example.com'], '.example.com', false],
])('%o covers %s: %s', (patterns, host, expected) => {
  expect(matchesDomain(patterns, host)).toBe(expected);
});

test('a name covers itself, and only itself', () => {
  const name = fc.domain();
  fc.assert(
    fc.property(
      name,
      name,
      (one, other) => matchesDomain([one], other) === (one.toLowerCase() === other.toLowerCase()),
    ),
  );
});

import { expect, test } from 'vitest';
import { checkRelease } from '../../src/commands/gateway-release.ts';

test.each([
  [undefined, 'v0.33.1'],
  ['v0.33.1', 'v0.33.1'],
  ['0.33.1', 'v0.33.1'],
  ['next', 'next'],
  ['main', 'next'],
])('--pomerium %s: %s', (text, release) => {
  expect(checkRelease(text)).toBe(release);
});

test.each([
  ['v0.32.0', 'a release that this gateway does not behave as; there are v0.33.1, next'],
  ['v0.29.0', 'no release of Pomerium with MCP; there are v0.33.1, next'],
  ['newest', 'no release of Pomerium with MCP'],
])('--pomerium %s is refused, and what there is is told', (text, message) => {
  expect(() => checkRelease(text)).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      exit: 2,
      fix: 'mcpgw gateway --pomerium v0.33.1',
      message: expect.stringContaining(message) as string,
    }) as Error,
  );
});

import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/pomerium/model.ts';
import { configError, optionsOrThrow } from '../../../src/stack/config-error.ts';
import { parseListenAddress } from '../../../src/stack/listen-address.ts';

const TEXT = `address: :8443
shared_secret: c2VjcmV0
signing_key: |
  -----BEGIN EC PRIVATE KEY-----
  MHcCAQEE
routes: []
form: x
`;

const FIRST: Problem = {
  code: 'UNKNOWN_KEY',
  severity: 'error',
  path: 'form',
  message: 'unknown key `form`',
  fix: 'write `from:`',
  position: { line: 7, column: 1 },
};

describe('a configuration that cannot be used', () => {
  test('is told with the first fault’s place and the lines around it, then the others', () => {
    const others = Array.from({ length: 6 }, (_, i) => ({
      ...FIRST,
      message: `fault ${i}`,
      position: { line: i + 1, column: 2 },
    }));
    const error = configError([FIRST, ...others], TEXT, 'gw.yaml');
    expect(error).toMatchObject({
      code: 'UNKNOWN_KEY',
      message: 'gw.yaml:7:1: unknown key `form`',
      fix: 'write `from:`',
      exit: 1,
    });
    expect(error.why?.split('\n')).toEqual([
      '  5 |   ********',
      '  6 | routes: []',
      '> 7 | form: x',
      '    | ^',
      '  8 |',
      'also gw.yaml:1:2: fault 0',
      'also gw.yaml:2:2: fault 1',
      'also gw.yaml:3:2: fault 2',
      'also gw.yaml:4:2: fault 3',
      'and 2 more',
    ]);
  });

  test('warnings alone stop nothing; no options and no fault is still a refusal', () => {
    const options = { routes: [] } as never;
    expect(optionsOrThrow({ options, problems: [{ ...FIRST, severity: 'warning' }] }, TEXT, 'gw.yaml')).toBe(options);
    expect(() => optionsOrThrow({ problems: [] }, TEXT, 'gw.yaml')).toThrow('gw.yaml cannot be used');
  });
});

describe('listen address', () => {
  test.each([
    [':8443', '127.0.0.1', 8443],
    ['0.0.0.0:443', '0.0.0.0', 443],
    ['[::1]:9443', '::1', 9443],
    ['localhost:0', 'localhost', 0],
  ])('%s', (address, host, port) => {
    expect(parseListenAddress(address)).toEqual({ host, port });
  });

  test.each(['', '8443x', 'host:', 'host:70000', ':-1'])('%j is refused', (address) => {
    expect(() => parseListenAddress(address)).toThrow('is no address to listen on');
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRoutes, parseConfig } from '../../../src/pomerium/index.ts';
import { inputOf, recordedConfig, sessionOf } from './helpers.ts';

const FULL = recordedConfig('config-full.yaml');

/** Whatever the text, there are options or errors, errors have their place and their fix, and what has options can be served. */
function holds(text: string, file = 'c.yaml', env: Record<string, string> = {}): void {
  const { options, problems } = parseConfig(text, { file, env, readFile: () => 'x' });
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(options === undefined).toBe(errors.length > 0);
  for (const { code, message, fix } of problems)
    expect([code, message, fix].every((part) => typeof part === 'string' && part !== '')).toBe(true);
  if (!options) return;
  const table = compileRoutes(options);
  for (const route of table.routes) {
    table.match(route.host, '/x');
    route.upstreamPath('/x', '');
    route.decide(inputOf({ session: sessionOf('a@b.c', { groups: ['x'] }) }));
  }
}

describe('for any text', { timeout: 30_000 }, () => {
  test('text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => holds(text)));
  });

  test('pieces of YAML', () => {
    const piece = fc.constantFrom(
      'routes:',
      '\n',
      '  ',
      '- ',
      'from: ',
      'https://a.b',
      'to: ',
      ': ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '<<: ',
      '"',
      "'",
      '|',
      '\t',
      '#',
      '!!binary ',
      'policy:',
      'allow:',
      'or:',
      'null',
      '1',
      '---',
      '? ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => holds(pieces.join(''))),
      { numRuns: 500 },
    );
  });

  test('JSON of any shape, under keys that are known', () => {
    const keys = [
      'routes',
      'policy',
      'certificates',
      'runtime_flags',
      'jwt_claims_headers',
      'address',
      'cookie_expire',
      'downstream_mtls',
      'idp_scopes',
      'signing_key',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (data) =>
        holds(JSON.stringify(data), 'c.json'),
      ),
      { numRuns: 300 },
    );
  });

  test('routes of any shape', () => {
    const keys = [
      'from',
      'to',
      'mcp',
      'policy',
      'redirect',
      'response',
      'timeout',
      'allowed_users',
      'allowed_idp_claims',
      'set_request_headers',
      'regex',
      'prefix',
      'rewrite_response_headers',
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('https://a.example.com', 'http://h:1', { server: {} }, { client: {} }, '/x', ['http://h:1,2']),
    );
    const route = fc.dictionary(fc.constantFrom(...keys), value);
    fc.assert(
      fc.property(fc.array(route, { maxLength: 4 }), (routes) => holds(JSON.stringify({ routes }), 'c.json')),
      { numRuns: 300 },
    );
  });

  test('policies of any shape', () => {
    const criterion = fc.dictionary(
      fc.constantFrom(
        'domain',
        'claim/a',
        'mcp_tool',
        'source_ip',
        'device',
        'client_certificate',
        'nosuch',
        '__proto__',
      ),
      fc.jsonValue(),
      { maxKeys: 2 },
    );
    const body = fc.dictionary(
      fc.constantFrom('and', 'or', 'not', 'nor', 'any'),
      fc.oneof(fc.array(criterion, { maxLength: 3 }), fc.jsonValue()),
      { maxKeys: 2 },
    );
    const policy = fc.oneof(
      fc.dictionary(fc.constantFrom('allow', 'deny', 'x'), body),
      fc.array(fc.dictionary(fc.constantFrom('allow', 'deny'), body), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(policy, (rules) =>
        holds(
          JSON.stringify({ routes: [{ from: 'https://a.example.com', to: 'http://h:1', policy: rules }] }),
          'c.json',
        ),
      ),
      { numRuns: 300 },
    );
  });

  test('any environment', () => {
    const names = [
      'ADDRESS',
      'POLICY',
      'ROUTES',
      'HEADERS',
      'RUNTIME_FLAGS',
      'CERTIFICATES',
      'JWT_CLAIMS_HEADERS',
      'COOKIE_EXPIRE',
      'DOWNSTREAM_MTLS_CA',
      'IDP_REQUEST_PARAMS',
      'SSH_HOST_KEYS',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.string()), (env) =>
        holds('address: ":1"', 'c.yaml', env),
      ),
      { numRuns: 200 },
    );
  });
});

describe('for every change of a good file', { timeout: 30_000 }, () => {
  const lines = FULL.split('\n');

  test('a line taken out', () => {
    for (let i = 0; i < lines.length; i += 5) holds(lines.toSpliced(i, 1).join('\n'));
  });

  test('characters changed', () => {
    fc.assert(
      fc.property(
        fc.nat(FULL.length - 1),
        fc.constantFrom('', ' ', '\n', '\t', ':', '-', '[', '}', '"', '&', '*', '#', '%', 'x', '\u0000', '\u2028'),
        (at, character) => holds(FULL.slice(0, at) + character + FULL.slice(at + 1)),
      ),
      { numRuns: 150 },
    );
  });

  test('the text cut', () => {
    fc.assert(
      fc.property(fc.nat(FULL.length), (at) => holds(FULL.slice(0, at))),
      { numRuns: 60 },
    );
  });
});

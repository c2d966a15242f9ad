import { describe, expect, test } from 'vitest';
import type { PolicyInput } from '../../../src/pomerium/model.ts';
import { inputOf, problemsOf, routeOf, sessionOf, tableOf } from './helpers.ts';

const alice = sessionOf('alice@company.com', {
  groups: ['staff', 'admins'],
  department: 'it',
  level: 3,
  realm_access: { roles: ['user'] },
});

/** What a policy with this one criterion under allow says. */
function verdict(
  criterion: string,
  input: Partial<PolicyInput> & { request?: Partial<PolicyInput['http']> } = { session: alice },
): boolean {
  return routeOf(`policy: [{allow: {or: [{${criterion}}]}}]`).decide(inputOf(input)).kind === 'allow';
}

const tool = (name: string): PolicyInput['mcp'] => ({ method: 'tools/call', tool: name });

describe('criteria', () => {
  test.each([
    ['accept: true', true],
    ['reject: true', false],
    ['authenticated_user: true', true],
    ['domain: company.com', true],
    ['domain: {is: company.com}', true],
    ['domain: {is: Company.com}', false],
    ['domain: {not: company.com}', false],
    ['domain: {contains: pany}', true],
    ['domain: {starts_with: com}', true],
    ['domain: {ends_with: .com}', true],
    ['domain: {in: [other.example, company.com]}', true],
    ['domain: {not_in: [company.com]}', false],
    ['domain: {starts_with: com, ends_with: .org}', false],
    ['email: {is: alice@company.com}', true],
    ['user: {is: id-of-alice@company.com}', true],
    ['user: {is: alice@company.com}', false],
    ['groups: {has: staff}', false],
    ['claim/groups: staff', true],
    ['claim/groups: {has: nobody}', false],
    ['claim/groups: {is: staff}', false],
    ['claim/department: {is: it}', true],
    ['claim/groups: {exclude: guests}', true],
    ['claim/nothing: {exclude: guests}', true],
    ['claim/level: 3', true],
    ['claim/level: "3"', false],
    ['claim/realm_access.roles: user', true],
    ['claim/realm_access/roles: user', false],
    ['client_certificate: {san_dns: {is: x}}', false],
    ['invalid_client_certificate: true', false],
    ['device: {type: default}', false],
    ['device: {approved: true}', false],
    // Pomerium asks these two of a device that need not be there.
    ['device: {}', true],
    ['device: {approved: false}', true],
    ['domain: {}', true],
    ['groups: {exclude: staff}', false],
    ['ssh_username: x', false],
  ])('%s for a signed-in user: %s', (criterion, expected) => {
    expect(verdict(criterion)).toBe(expected);
  });

  test.each([
    ['http_method: GET', { method: 'GET' }, true],
    ['http_method: {in: [GET, HEAD]}', { method: 'POST' }, false],
    ['http_path: {starts_with: /api/}', { path: '/api/x' }, true],
    ['http_path: {is: /api}', { path: '/api/x' }, false],
    ['source_ip: 203.0.113.10', {}, true],
    ['source_ip: 203.0.113.0/24', {}, true],
    ['source_ip: [10.0.0.0/8, 2001:db8::/32]', { ip: '2001:db8::1' }, true],
    ['source_ip: [10.0.0.0/8]', { ip: '::ffff:10.1.2.3' }, true],
    ['source_ip: 10.0.0.0/8', { ip: '' }, false],
    ['source_ip: 0.0.0.0/0', { ip: '255.255.255.255' }, true],
    ['source_ip: 0.0.0.0/0', { ip: '2001:db8::1' }, false],
    ['source_ip: 192.168.1.77/31', { ip: '192.168.1.76' }, true],
    ['source_ip: 192.168.1.77/31', { ip: '192.168.1.78' }, false],
    ['source_ip: "::ffff:10.0.0.0/104"', { ip: '10.200.0.1' }, true],
    ['source_ip: "2001:db8:0:1::/65"', { ip: '2001:db8:0:1:7fff::1' }, true],
    ['source_ip: "2001:db8:0:1::/65"', { ip: '2001:db8:0:1:8000::1' }, false],
    ['source_ip: "::1"', { ip: '0:0:0:0:0:0:0:1' }, true],
    [
      'cors_preflight: true',
      { method: 'OPTIONS', headers: { origin: 'https://x', 'access-control-request-method': 'GET' } },
      true,
    ],
    ['cors_preflight: true', { method: 'OPTIONS', headers: { origin: 'https://x' } }, false],
  ])('%s for a request %o: %s', (criterion, request, expected) => {
    expect(verdict(criterion, { request })).toBe(expected);
  });

  test.each([
    ['is: echo', tool('echo'), true],
    ['is: echo', tool('secret'), false],
    ['is: echo', { method: 'tools/list' }, false],
    ['is: echo', undefined, false],
    ['not_in: [echo]', tool('secret'), true],
    ['not_in: [echo]', { method: 'initialize' }, false],
    ['not_in: [echo]', { method: 'tools/call' }, false],
  ])('mcp_tool: {%s} for %o: %s', (operator, mcp, expected) => {
    expect(verdict(`mcp_tool: {${operator}}`, { ...(mcp && { mcp }) })).toBe(expected);
  });
});

const decide = (policy: string) => routeOf(`policy: ${policy}`).decide(inputOf({ session: alice })).kind;

describe('conditionals', () => {
  test.each([
    ['{allow: {and: [{domain: company.com}, {email: alice@company.com}]}}', 'allow'],
    ['{allow: {and: [{domain: company.com}, {email: bob@company.com}]}}', 'deny'],
    ['{allow: {or: [{domain: other.example}, {email: alice@company.com}]}}', 'allow'],
    ['{allow: {not: [{domain: other.example}, {email: bob@company.com}]}}', 'allow'],
    ['{allow: {not: [{domain: other.example}, {email: alice@company.com}]}}', 'deny'],
    ['{allow: {nor: [{domain: other.example}, {email: alice@company.com}]}}', 'allow'],
    ['{allow: {nor: [{domain: company.com}, {email: alice@company.com}]}}', 'deny'],
    // The conditionals of one rule, and the rules of one action, are alternatives.
    ['{allow: {and: [{domain: other.example}], or: [{domain: company.com}]}}', 'allow'],
    ['[{allow: {and: [{domain: other.example}]}}, {allow: {and: [{domain: company.com}]}}]', 'allow'],
    ['{}', 'deny'],
    ['[]', 'deny'],
    ['{allow: {or: []}}', 'deny'],
    ['{allow: {action: x, or: [{accept: true}]}}', 'allow'],
  ])('%s: %s', (policy, kind) => {
    expect(decide(policy)).toBe(kind);
  });
});

describe('order of the decision', () => {
  const route = routeOf('policy: [{allow: {or: [{domain: company.com}]}}, {deny: {or: [{mcp_tool: secret}]}}]');

  test('deny beats allow; both are told', () => {
    expect(route.decide(inputOf({ session: alice, mcp: tool('secret') }))).toEqual({
      kind: 'deny',
      allow: { value: true, reasons: ['domain-ok'] },
      deny: { value: true, reasons: ['mcp-tool-match'] },
    });
  });

  test('nobody signed in comes before a deny rule', () => {
    expect(route.decide(inputOf({ mcp: tool('secret') })).kind).toBe('unauthenticated');
  });

  test('a deny rule that asks who it is asks for a sign-in, though everybody is allowed', () => {
    const policy = 'policy: [{allow: {or: [{accept: true}]}}, {deny: {or: [{email: bob@example.com}]}}]';
    expect(routeOf(policy).decide(inputOf()).kind).toBe('unauthenticated');
    expect(routeOf(policy).decide(inputOf({ session: alice })).kind).toBe('allow');
  });

  test('an allow names its reason', () => {
    expect(route.decide(inputOf({ session: alice, mcp: tool('echo') }))).toMatchObject({
      kind: 'allow',
      allow: { value: true, reasons: ['domain-ok'] },
      deny: { value: false, reasons: ['mcp-tool-no-match'] },
    });
  });

  test('the reasons of all rules that hold are told, and of none that does not', () => {
    const both = routeOf(
      'policy: [{allow: {or: [{domain: company.com}, {user: x}]}}, {allow: {and: [{http_method: POST}]}}]',
    );
    expect(both.decide(inputOf({ session: alice })).allow.reasons).toEqual(['domain-ok', 'http-method-ok']);
  });

  test('no rule that allows is a denial, not by a rule', () => {
    const decision = route.decide(inputOf({ session: sessionOf('bob@example.com') }));
    expect(decision).toMatchObject({
      kind: 'deny',
      allow: { reasons: ['domain-unauthorized'] },
      deny: { value: false },
    });
  });

  test('a route without policy denies even those who are not signed in', () => {
    const nothing = { value: false, reasons: [] };
    expect(routeOf('name: x').decide(inputOf())).toEqual({ kind: 'deny', allow: nothing, deny: nothing });
    expect(routeOf('policy: {}').decide(inputOf())).toEqual({ kind: 'deny', allow: nothing, deny: nothing });
  });

  test('a rule that needs no session decides without one', () => {
    const internal = routeOf('policy: [{allow: {or: [{source_ip: 203.0.113.0/24}]}}]');
    expect(internal.decide(inputOf())).toMatchObject({ kind: 'allow', allow: { reasons: ['source-ip-ok'] } });
    expect(internal.decide(inputOf({ request: { ip: '198.51.100.1' } })).kind).toBe('deny');
  });

  test('a false criterion that asks for a session asks for a sign-in, a true neighbour makes it unneeded', () => {
    const mixed = routeOf('policy: [{allow: {or: [{source_ip: 203.0.113.0/24}, {domain: company.com}]}}]');
    expect(mixed.decide(inputOf()).kind).toBe('allow');
    expect(mixed.decide(inputOf({ request: { ip: '198.51.100.1' } })).kind).toBe('unauthenticated');
  });

  test('a device that is asked for is missing, before a deny rule counts', () => {
    const policy =
      'policy: [{allow: {and: [{domain: company.com}, {device: {type: any}}]}}, {deny: {or: [{mcp_tool: x}]}}]';
    const device = routeOf(policy);
    expect(device.decide(inputOf()).kind).toBe('unauthenticated');
    expect(device.decide(inputOf({ session: alice, mcp: tool('x') })).kind).toBe('device');
  });

  test('knows where each rule stands', () => {
    const text = [
      'routes:',
      '  - from: https://a.example.com',
      '    to: http://127.0.0.1:1',
      '    allowed_users: [x@y.z]',
      '    policy:',
      '      - allow:',
      '          and: [{domain: other.example}]',
    ].join('\n');
    expect(tableOf(text).routes[0]?.route.positions).toEqual({
      allowed_users: { line: 4, column: 5 },
      'policy[0].allow': { line: 6, column: 9 },
    });
  });
});

describe('shortcuts of a route', () => {
  const bob = sessionOf('bob@example.com', { groups: ['x'] });
  test.each([
    ['allow_public_unauthenticated_access: true', undefined, 'allow'],
    ['allow_any_authenticated_user: true', undefined, 'unauthenticated'],
    ['allow_any_authenticated_user: true', bob, 'allow'],
    ['allowed_domains: [company.com]', alice, 'allow'],
    ['allowed_domains: [company.com]', bob, 'deny'],
    ['allowed_users: [bob@example.com]', bob, 'allow'],
    ['allowed_users: [id-of-bob@example.com]', bob, 'allow'],
    ['allowed_idp_claims: {groups: [staff]}', alice, 'allow'],
    ['allowed_idp_claims: {realm_access: {roles: [user]}}', alice, 'allow'],
    ['allowed_idp_claims: {groups: [staff]}', bob, 'deny'],
    ['allowed_domains: [example.com], policy: [{deny: {or: [{email: bob@example.com}]}}]', bob, 'deny'],
  ])('%s: %#', (keys, session, kind) => {
    expect(routeOf(keys).decide(inputOf({ ...(session && { session }) })).kind).toBe(kind);
  });
});

describe('needsTool', () => {
  test.each([
    ['policy: [{deny: {or: [{mcp_tool: x}]}}]', true],
    ['policy: [{allow: {or: [{domain: x}]}}]', false],
    ['name: x', false],
  ])('%s: %s', (keys, expected) => {
    expect(routeOf(keys).needsTool).toBe(expected);
  });
});

const problemOf = (policy: string) =>
  problemsOf(`routes: [{from: https://a.example.com, to: http://127.0.0.1:1, policy: ${policy}}]`).find(
    ({ severity }) => severity === 'error',
  );

describe('a policy that is none', () => {
  test.each([
    ['[{permit: {}}]', 'routes[0].policy[0].permit', 'unsupported action: "permit"'],
    ['[x]', 'routes[0].policy[0]', 'unsupported type for rules array: parser.String'],
    ['5', 'routes[0].policy', 'unsupported type for rule: parser.Number'],
    ['{allow: x}', 'routes[0].policy.allow', 'expected Object, got parser.String'],
    ['{allow: null}', 'routes[0].policy.allow', 'expected Object, got parser.Null'],
    ['{allow: {any: []}}', 'routes[0].policy.allow.any', 'unsupported conditional "any"'],
    ['{allow: {or: {domain: x}}}', 'routes[0].policy.allow.or', 'unsupported type for criteria: parser.Object'],
    ['{allow: {or: [true]}}', 'routes[0].policy.allow.or[0]', 'unsupported type for criteria array: parser.Boolean'],
    ['{allow: {or: [{}]}}', 'routes[0].policy.allow.or[0]', 'single key and value'],
    ['{allow: {or: [{domian: x}]}}', 'routes[0].policy.allow.or[0].domian', 'unknown criterion `domian`'],
    [
      '{allow: {or: [{domain: {in: x}}]}}',
      'routes[0].policy.allow.or[0].domain',
      'in matcher requires an array of strings',
    ],
    [
      '{allow: {or: [{claim/x: {contains: y}}]}}',
      'routes[0].policy.allow.or[0].claim/x',
      'unknown string list matcher operator: contains',
    ],
    [
      '{allow: {or: [{source_ip: "fe80::1%eth0"}]}}',
      'routes[0].policy.allow.or[0].source_ip',
      'expected IP or CIDR range',
    ],
    [
      '{allow: {or: [{source_ip: 10.0.0.0/33}]}}',
      'routes[0].policy.allow.or[0].source_ip',
      'expected IP or CIDR range',
    ],
    [
      '{allow: {or: [{device: {is: 5}}]}}',
      'routes[0].policy.allow.or[0].device',
      'expected string for device criterion is operator, got parser.Number',
    ],
    [
      '{allow: {or: [{client_certificate: {fingerprint: abc}}]}}',
      'routes[0].policy.allow.or[0].client_certificate',
      'unsupported certificate fingerprint format (abc)',
    ],
    [
      '{allow: {or: [{client_certificate: {spki_hash: abc}}]}}',
      'routes[0].policy.allow.or[0].client_certificate',
      'must be a base64-encoded SHA-256 hash (was abc)',
    ],
    [
      '{allow: {or: [{client_certificate: {issuer: abc}}]}}',
      'routes[0].policy.allow.or[0].client_certificate',
      'unsupported certificate matcher condition: issuer',
    ],
    ['{allow: {or: [{ssh_publickey: abc}]}}', 'routes[0].policy.allow.or[0].ssh_publickey', 'ssh: no key found'],
    ['{allow: {or: [{ssh_username: {like: x}}]}}', 'routes[0].policy.allow.or[0].ssh_username', 'operator: like'],
    [
      '{allow: {or: [{ssh_username_matches_claim: {is: x}}]}}',
      'routes[0].policy.allow.or[0].ssh_username_matches_claim',
      'expected string value, got: parser.Object',
    ],
    ['{allow: {or: [{source_ip: 300.1.1.1}]}}', 'routes[0].policy.allow.or[0].source_ip', 'expected IP or CIDR range'],
    [
      '{allow: {or: [{device: {kind: x}}]}}',
      'routes[0].policy.allow.or[0].device',
      'unexpected field in device criterion: kind',
    ],
  ])('%s', (policy, path, message) => {
    const problem = problemOf(policy);
    expect(problem?.path).toBe(path);
    expect(problem?.message).toContain(message);
    expect(problem?.position).toMatchObject({ line: 1 });
  });

  test('names the nearest criterion', () => {
    expect(problemOf('{allow: {or: [{domian: x}]}}')?.fix).toBe('did you mean `domain`?');
  });
});

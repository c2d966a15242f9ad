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

  test('deny beats allow and names its reason and its place', () => {
    const decision = route.decide(inputOf({ session: alice, mcp: tool('secret') }));
    expect(decision).toEqual({
      kind: 'deny',
      byRule: true,
      reasons: ['mcp-tool-match'],
      rule: expect.objectContaining({ line: 1 }) as unknown,
    });
  });

  test('nobody signed in comes before a deny rule', () => {
    expect(route.decide(inputOf({ mcp: tool('secret') }))).toEqual({ kind: 'unauthenticated' });
  });

  test('an allow names its reason', () => {
    expect(route.decide(inputOf({ session: alice, mcp: tool('echo') }))).toMatchObject({
      kind: 'allow',
      reasons: ['domain-ok'],
    });
  });

  test('no rule that allows is a denial, not by a rule', () => {
    const decision = route.decide(inputOf({ session: sessionOf('bob@example.com') }));
    expect(decision).toMatchObject({ kind: 'deny', byRule: false, reasons: ['domain-unauthorized'] });
  });

  test('a route without policy denies even those who are not signed in', () => {
    expect(routeOf('name: x').decide(inputOf())).toMatchObject({ kind: 'deny', byRule: false, reasons: [] });
    expect(routeOf('policy: {}').decide(inputOf())).toMatchObject({ kind: 'deny', byRule: false });
  });

  test('a rule that needs no session decides without one', () => {
    const internal = routeOf('policy: [{allow: {or: [{source_ip: 203.0.113.0/24}]}}]');
    expect(internal.decide(inputOf())).toMatchObject({ kind: 'allow', reasons: ['source-ip-ok'] });
    expect(internal.decide(inputOf({ request: { ip: '198.51.100.1' } }))).toMatchObject({
      kind: 'deny',
      byRule: false,
    });
  });

  test('a false criterion that asks for a session asks for a sign-in, a true neighbour makes it unneeded', () => {
    const mixed = routeOf('policy: [{allow: {or: [{source_ip: 203.0.113.0/24}, {domain: company.com}]}}]');
    expect(mixed.decide(inputOf())).toMatchObject({ kind: 'allow' });
    expect(mixed.decide(inputOf({ request: { ip: '198.51.100.1' } }))).toEqual({ kind: 'unauthenticated' });
  });

  test('names the rule that decides among several, by line and column', () => {
    const text = [
      'routes:',
      '  - from: https://a.example.com',
      '    to: http://127.0.0.1:1',
      '    policy:',
      '      - allow:',
      '          and: [{domain: other.example}]',
      '      - allow:',
      '          or: [{domain: company.com}]',
    ].join('\n');
    const [compiled] = tableOf(text).routes;
    expect(compiled?.decide(inputOf({ session: alice }))).toMatchObject({
      kind: 'allow',
      rule: { line: 7, column: 9 },
    });
    expect(compiled?.decide(inputOf({ session: sessionOf('x@y.z') }))).toMatchObject({
      kind: 'deny',
      rule: { line: 5, column: 9 },
    });
    expect(compiled?.route.positions).toEqual({
      'policy[0].allow': { line: 5, column: 9 },
      'policy[1].allow': { line: 7, column: 9 },
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

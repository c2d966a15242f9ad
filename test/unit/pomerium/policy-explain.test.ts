import { describe, expect, test } from 'vitest';
import { explainPolicy } from '../../../src/pomerium/index.ts';
import type { PolicyInput } from '../../../src/pomerium/model.ts';
import { inputOf, routeOf, sessionOf, tableOf } from './helpers.ts';

const alice = sessionOf('alice@company.com', { groups: ['staff'] });
const call = (tool: string): PolicyInput['mcp'] => ({ method: 'tools/call', tool });

const LINES = [
  'routes:',
  '  - from: https://a.example.com',
  '    to: http://127.0.0.1:1',
  '    mcp: {server: {}}',
  '    allowed_users: [root@company.com]',
  '    policy:',
  '      - allow:',
  '          and:',
  '            - domain: other.example',
  '      - allow:',
  '          or:',
  '            - claim/groups: nobody',
  '            - domain: company.com',
  '      - deny:',
  '          or:',
  '            - mcp_tool: {in: [drop, wipe]}',
].join('\n');

function explain(input: Partial<PolicyInput>) {
  const [route] = tableOf(LINES).routes;
  if (!route) throw new Error('no route');
  return explainPolicy(route.route, inputOf(input));
}

describe('the rule that decided', () => {
  test('is the first allow rule that holds, with each criterion’s own result', () => {
    const { deciding } = explain({ session: alice, mcp: call('read') });
    expect(deciding).toMatchObject({ action: 'allow', position: { line: 10 }, holds: true });
    expect(deciding?.conditions[0]?.criteria).toMatchObject([
      { name: 'claim', subPath: 'groups', holds: false, reason: 'claim-unauthorized', position: { line: 12 } },
      { name: 'domain', holds: true, reason: 'domain-ok', position: { line: 13 } },
    ]);
  });

  test('is the deny rule, over an allow rule that holds', () => {
    const { decision, deciding } = explain({ session: alice, mcp: call('wipe') });
    expect(decision.kind).toBe('deny');
    expect(deciding).toMatchObject({ action: 'deny', position: { line: 14 } });
  });

  test('is none when no rule allows', () => {
    const { deciding, rules } = explain({ session: sessionOf('x@y.z') });
    expect(deciding).toBeUndefined();
    expect(rules.map(({ holds }) => holds)).toEqual([false, false, false, false]);
  });

  test('is the first that wants to know who it is, when nobody is signed in', () => {
    expect(explain({}).deciding).toMatchObject({ source: 'shortcuts', position: { line: 5 } });
  });

  test('names the key of the route that stands for a rule', () => {
    const { deciding } = explain({ session: sessionOf('root@company.com') });
    expect(deciding).toMatchObject({ source: 'shortcuts', position: { line: 5 } });
  });
});

describe('a criterion that cannot come out otherwise', () => {
  test.each([
    ['groups: {has: staff}', /no directory/],
    ['device: {type: any}', /registered a device/],
    ['client_certificate: {san_dns: x}', /no client certificate/],
    ['invalid_client_certificate: true', /valid one/],
    ['ssh_username: x', /SSH/],
    ['claim/none: x', /no such claim/],
    ['mcp_tool: x', /no call was read/],
  ])('%s says so', (criterion, note) => {
    const { route } = routeOf(`policy: [{allow: {or: [{${criterion}}]}}]`);
    const [rule] = explainPolicy(route, inputOf({ session: alice })).rules;
    expect(rule?.conditions[0]?.criteria[0]).toMatchObject({
      holds: false,
      note: expect.stringMatching(note) as string,
    });
  });
});

/** The same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const CRITERIA = [
  'accept: true',
  'reject: true',
  'authenticated_user: true',
  'domain: company.com',
  'email: {starts_with: a}',
  'claim/groups: staff',
  'groups: staff',
  'device: {type: any}',
  'http_method: {in: [POST, GET]}',
  'http_path: {starts_with: /a}',
  'mcp_tool: {not_in: [read]}',
  'mcp_tool: wipe',
  'source_ip: [10.0.0.0/8, 203.0.113.10]',
  'invalid_client_certificate: true',
];

test('decides as the gateway does, also where it remembers, for any policy and request', () => {
  const next = random(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const seen = new Set<string>();
  for (let round = 0; round < 150; round++) {
    const rules = Array.from({ length: Math.ceil(next() * 6) }, () => {
      const criteria = Array.from({ length: Math.ceil(next() * 3) }, () => `{${pick(CRITERIA)}}`).join(', ');
      return `{${pick(['allow', 'allow', 'deny'])}: {${pick(['and', 'or', 'not', 'nor'])}: [${criteria}]}}`;
    });
    const route = routeOf(`policy: [${rules.join(', ')}]`);
    for (let i = 0; i < 12; i++) {
      const session = pick([undefined, alice, sessionOf('bob@example.com')]);
      const mcp = pick([undefined, { method: 'initialize' }, call('read'), call('wipe'), { method: 'tools/call' }]);
      const input = inputOf({
        ...(session && { session }),
        ...(mcp && { mcp }),
        request: {
          method: pick(['GET', 'POST', 'DELETE']),
          path: pick(['/', '/a']),
          ip: pick(['10.1.1.1', '8.8.8.8']),
        },
      });
      const explained = explainPolicy(route.route, input).decision;
      expect(route.decide(input), `${rules.join()} ${JSON.stringify(input)}`).toEqual(explained);
      expect(route.decide(input)).toEqual(explained);
      seen.add(explained.kind);
    }
  }
  expect([...seen].sort()).toEqual(['allow', 'deny', 'device', 'unauthenticated']);
});

test('what is remembered of one request is never taken for another', () => {
  const rules = Array.from({ length: 10 }, (_, i) => `{deny: {and: [{mcp_tool: t${i}}, {http_path: /p${i}}]}}`);
  const route = routeOf(`policy: [{allow: {or: [{accept: true}]}}, ${rules.join(', ')}]`);
  const kind = (tool: string, path: string): string =>
    route.decide(inputOf({ mcp: call(tool), request: { path } })).kind;
  expect(kind('t1', '/p2')).toBe('allow');
  expect(kind('t1', '/p1')).toBe('deny');
  // The texts of both, put together, are the same.
  expect(kind('t12:/p1', '')).toBe('allow');
  for (let i = 0; i < 500; i++) kind(`other${i}`, '/p1');
  expect(kind('t1', '/p1')).toBe('deny');
  expect(kind('t'.repeat(5_000), '/p1')).toBe('allow');
});

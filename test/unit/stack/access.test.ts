import { describe, expect, test } from 'vitest';
import type { Criterion, PolicyRule, Route } from '../../../src/pomerium/model.ts';
import { describeAccess } from '../../../src/stack/access.ts';

const OPEN = { allow_public_unauthenticated_access: false, allow_any_authenticated_user: false };
const LISTS = { allowed_users: [], allowed_domains: [], allowed_idp_claims: {} };

function route(fields: Partial<Route>): Route {
  return { ...OPEN, ...LISTS, ...fields } as Route;
}

function rule(
  action: 'allow' | 'deny',
  conditional: 'and' | 'or' | 'not' | 'nor',
  ...criteria: Criterion[]
): PolicyRule {
  return { action, conditions: [{ conditional, criteria }] };
}

const SIGNED_IN: Criterion = { name: 'authenticated_user', data: true };
const STAFF: Criterion = { name: 'claim', subPath: 'groups', data: { has: 'staff' } };

describe('who may use a route', () => {
  test.each<[string, Partial<Route>]>([
    ['nobody', {}],
    ['nobody', { policy: [] }],
    ['everyone, without sign-in', { allow_public_unauthenticated_access: true }],
    ['anyone signed in', { allow_any_authenticated_user: true }],
    ['anyone signed in', { policy: [rule('allow', 'or', SIGNED_IN)] }],
    ['group staff', { policy: [rule('allow', 'or', STAFF)] }],
    ['@example.com', { policy: [rule('allow', 'or', { name: 'domain', data: { is: 'example.com' } })] }],
    ['a@b.c or d@e.f', { policy: [rule('allow', 'or', { name: 'email', data: { in: ['a@b.c', 'd@e.f'] } })] }],
    ['a@b.c or @b.c', { allowed_users: ['a@b.c'], allowed_domains: ['b.c'] }],
    ['not (group staff)', { policy: [rule('allow', 'not', STAFF)] }],
    ['email ends with .edu', { policy: [rule('allow', 'or', { name: 'email', data: { ends_with: '.edu' } })] }],
    [
      'group staff; update: nobody',
      { policy: [rule('allow', 'or', STAFF), rule('deny', 'or', { name: 'mcp_tool', data: 'update' })] },
    ],
    [
      'anyone signed in; only read, list',
      {
        policy: [
          rule('allow', 'or', SIGNED_IN),
          rule('deny', 'or', { name: 'mcp_tool', data: { not_in: ['read', 'list'] } }),
        ],
      },
    ],
    [
      'anyone signed in; not for tool drop and group staff',
      {
        policy: [
          rule('allow', 'or', SIGNED_IN),
          rule('deny', 'and', { name: 'mcp_tool', data: { is: 'drop' } }, STAFF),
        ],
      },
    ],
  ])('%s', (words, fields) => {
    expect(describeAccess(route(fields))).toBe(words);
  });
});

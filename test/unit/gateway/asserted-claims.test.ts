import { expect, test } from 'vitest';
import { assertedClaims } from '../../../src/gateway/asserted-claims.ts';
import { ALICE } from './support/memory-identity.ts';

const session = { ...ALICE, claims: { ...ALICE.claims, roles: ['a', 'b'], age: 41, sub: 'not-asked', empty: [] } };

test('configured claims travel as text, the own ones as they are', () => {
  expect(assertedClaims(session, ['roles', 'age', 'empty', 'nosuch', 'groups', 'user'])).toEqual({
    roles: 'a,b',
    age: '41',
    empty: '',
    email: 'alice@company.com',
    groups: ['admins', 'engineering'],
    name: 'Alice TestUser',
    sid: ALICE.id,
    sub: 'alice',
    user: 'alice',
  });
});

test('a user without groups has an empty list', () => {
  expect(assertedClaims({ ...ALICE, claims: {} }, [])).toMatchObject({ groups: [] });
});

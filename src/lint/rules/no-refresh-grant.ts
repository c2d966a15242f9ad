import type { Rule } from '../rule.ts';
import { hasServers } from '../subject.ts';

export const noRefreshGrant: Rule = {
  id: 'NO_REFRESH_GRANT',
  severity: 'warning',
  to: 'v0.32.0',
  title: 'Clients can refresh their tokens',
  why: 'Before v0.32.0 there are no refresh tokens: a user signs in again whenever the session ends.',
  fix: 'take v0.33.1',
  source: 'Pomerium v0.32.0 release notes',
  *check(subject) {
    if (hasServers(subject)) yield { path: [], message: `${subject.release} issues no refresh tokens` };
  },
};

import type { Rule } from '../rule.ts';
import { hasServers } from '../subject.ts';

export const tokenReachesUpstream: Rule = {
  id: 'TOKEN_REACHES_UPSTREAM',
  severity: 'error',
  to: 'v0.31.0',
  title: 'The gateway’s own tokens stay with it',
  why: 'Every v0.30 hands the client’s `Authorization` on: the server behind it can act as the user at every other server.',
  fix: 'take v0.33.1',
  source: 'pomerium/pomerium issues 5718, 5719',
  *check(subject) {
    if (hasServers(subject)) yield { path: [], message: `${subject.release} hands the client’s token to the server` };
  },
};

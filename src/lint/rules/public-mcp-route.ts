import type { Rule } from '../rule.ts';
import { serverRoutesOf } from '../subject.ts';

export const publicMcpRoute: Rule = {
  id: 'PUBLIC_MCP_ROUTE',
  severity: 'warning',
  title: 'No MCP server is open to everybody',
  why: 'Nobody signs in: whoever reaches the address calls every tool, and the client’s own `Authorization` goes through to the server.',
  fix: 'write a `policy` in its place, such as allow: {and: [{authenticated_user: true}]}',
  source: 'Pomerium v0.33.1 config/policy.go',
  *check(subject) {
    for (const { route, path } of serverRoutesOf(subject)) {
      if (!route.allow_public_unauthenticated_access) continue;
      yield { path: [...path, 'allow_public_unauthenticated_access'], message: `${route.from} needs no sign-in` };
    }
  },
};

import type { Rule } from '../rule.ts';
import { routesOf } from '../subject.ts';

export const clientStreamTimeout: Rule = {
  id: 'CLIENT_STREAM_TIMEOUT',
  severity: 'note',
  title: 'An application’s own streams may last',
  why: 'Routes to applications keep the limit of 30 seconds, which ends an answer that is still streaming, such as a chat.',
  fix: 'write `timeout: 0s` and `idle_timeout: 0s` on the route when the application streams',
  source: 'Pomerium v0.33.1, seen running',
  *check(subject) {
    for (const { route, path } of routesOf(subject)) {
      if (!route.mcp?.client || route.timeout !== undefined) continue;
      yield { path, message: `answers of ${route.from} are cut after 30 s` };
    }
  },
};

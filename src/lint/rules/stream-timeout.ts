import type { Rule } from '../rule.ts';
import { serverRoutesOf } from '../subject.ts';

export const streamTimeout: Rule = {
  id: 'STREAM_TIMEOUT',
  severity: 'warning',
  to: 'v0.33.0',
  title: 'Event streams are not cut',
  why: 'Before v0.33.0 every stream of an MCP server ends after 30 seconds.',
  fix: 'write `timeout: 0s` and `idle_timeout: 0s` on the route, or take v0.33.1',
  source: 'Pomerium v0.33.0 config/envoyconfig/routes.go',
  *check(subject) {
    for (const { route, path } of serverRoutesOf(subject)) {
      if (route.timeout === 0 && route.idle_timeout === 0) continue;
      yield {
        path,
        message: `streams of ${route.from} are cut in ${subject.release}`,
        mends: [
          { path: [...path, 'timeout'], value: '0s' },
          { path: [...path, 'idle_timeout'], value: '0s' },
        ],
      };
    }
  },
};

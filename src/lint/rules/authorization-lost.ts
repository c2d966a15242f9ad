import type { Rule } from '../rule.ts';
import { routesOf } from '../subject.ts';

export const authorizationLost: Rule = {
  id: 'AUTHORIZATION_LOST',
  severity: 'warning',
  from: 'v0.31.0',
  title: 'A server route sets no `Authorization` header of its own',
  why: 'On routes to MCP servers Pomerium removes `Authorization` after it has set the configured headers, so the server never sees it.',
  fix: 'use another header, such as X-Api-Key, or upstream_oauth2',
  source: 'Pomerium v0.33.1, seen running: Envoy removes after it sets',
  *check(subject) {
    for (const { route, path } of routesOf(subject)) {
      if (!route.mcp) continue;
      const name = Object.keys(route.set_request_headers).find((header) => header.toLowerCase() === 'authorization');
      if (name === undefined) continue;
      yield {
        path: [...path, 'set_request_headers', name],
        message: `\`set_request_headers.${name}\` does not reach ${route.to[0]?.url ?? 'the upstream'}`,
      };
    }
  },
};

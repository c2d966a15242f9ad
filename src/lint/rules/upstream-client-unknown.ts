import type { Rule } from '../rule.ts';
import { serverRoutesOf } from '../subject.ts';

export const upstreamClientUnknown: Rule = {
  id: 'UPSTREAM_CLIENT_UNKNOWN',
  severity: 'error',
  from: 'v0.33.0',
  title: 'The upstream provider knows Pomerium as a client',
  why: '`upstream_oauth2` without `client_id` switches the metadata document of this host off, and without dynamic registration nothing is left: the first call ends in 502.',
  fix: 'write `client_id` and `client_secret`, or delete `upstream_oauth2`, or switch `mcp_dynamic_client_registration` on',
  source: 'Pomerium v0.33.1 internal/mcp/handler_cimd.go, upstream_auth.go',
  *check(subject) {
    const isRegistering = subject.config.options?.runtime_flags['mcp_dynamic_client_registration'] === true;
    for (const { route, path } of serverRoutesOf(subject)) {
      const upstream = route.mcp?.server?.upstream_oauth2;
      if (!upstream || upstream.client_id || isRegistering) continue;
      yield {
        path: [...path, 'mcp', 'server', 'upstream_oauth2'],
        message: '`upstream_oauth2` has no `client_id`, and registration is off',
      };
    }
  },
};

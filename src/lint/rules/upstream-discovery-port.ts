import type { Rule } from '../rule.ts';
import { portOf, serverRoutesOf } from '../subject.ts';

export const upstreamDiscoveryPort: Rule = {
  id: 'UPSTREAM_DISCOVERY_PORT',
  severity: 'warning',
  from: 'v0.33.0',
  title: 'An upstream whose provider is to be discovered is on https and port 443',
  why: 'After a 401 Pomerium looks for the provider at https://<host>/<path>: scheme and port of `to` are lost, so discovery fails and the caller gets 502.',
  fix: 'write both `endpoint.auth_url` and `endpoint.token_url`, which need no discovery',
  source: 'Pomerium v0.33.1, seen running: `PRM resource … does not match upstream server …`',
  *check(subject) {
    for (const { route, path } of serverRoutesOf(subject)) {
      const upstream = route.mcp?.server?.upstream_oauth2;
      const url = route.to[0]?.url ?? '';
      const isStatic = Boolean(upstream?.endpoint?.auth_url && upstream.endpoint.token_url);
      if (!upstream || isStatic || (url.startsWith('https:') && portOf(url) === 443)) continue;
      yield { path: [...path, 'to'], message: `the provider of ${url} cannot be discovered after a 401` };
    }
  },
};

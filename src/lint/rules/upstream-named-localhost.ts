import type { Rule } from '../rule.ts';
import { hostnameOf, routesOf, runsInContainer } from '../subject.ts';

export const upstreamNamedLocalhost: Rule = {
  id: 'UPSTREAM_NAMED_LOCALHOST',
  severity: 'warning',
  title: 'No upstream’s name ends in .localhost',
  why: 'Envoy takes every such name for 127.0.0.1 without asking Docker’s DNS, so an alias of that name is never reached: 503 `delayed_connect_error`.',
  fix: 'write the plain name of the service in `to`',
  source: 'Envoy, DNS resolution of RFC 6761 names; seen with Pomerium v0.33.1',
  *check(subject) {
    if (!runsInContainer(subject)) return;
    for (const { route, path } of routesOf(subject)) {
      const upstream = route.to.find(({ url }) => hostnameOf(url).endsWith('.localhost'));
      if (upstream) yield { path: [...path, 'to'], message: `${upstream.url} leads to the container itself` };
    }
  },
};

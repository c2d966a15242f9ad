import type { Rule } from '../rule.ts';
import { hostnameOf, pomeriumService, routesOf } from '../subject.ts';

export const unknownUpstream: Rule = {
  id: 'UNKNOWN_UPSTREAM',
  severity: 'warning',
  title: 'A short name in `to` is a service of the compose file',
  why: 'Names without a dot are looked up among the services; one that is none of them is answered with 503.',
  fix: 'correct the name, or add the service',
  source: 'Compose specification, services',
  *check(subject) {
    if (!subject.compose || !pomeriumService(subject)) return;
    const names = new Set(subject.compose.model.services.flatMap(({ name, aliases }) => [name, ...aliases]));
    for (const { route, path } of routesOf(subject)) {
      for (const { url } of route.to) {
        const host = hostnameOf(url);
        if (host === '' || host === 'localhost' || /[.:]/.test(host) || names.has(host)) continue;
        yield { path: [...path, 'to'], message: `there is no service \`${host}\`` };
      }
    }
  },
};

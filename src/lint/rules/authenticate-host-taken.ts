import type { Rule } from '../rule.ts';
import { hostnameOf, routesOf } from '../subject.ts';

export const authenticateHostTaken: Rule = {
  id: 'AUTHENTICATE_HOST_TAKEN',
  severity: 'warning',
  title: 'The authenticate service has a host of its own',
  why: 'Sign-in works, but its cookies (`_pomerium_authenticate`, `_pomerium_csrf`) reach the server behind that route.',
  fix: 'give `authenticate_service_url` a host that no route has',
  source: 'Pomerium v0.33.1, seen running',
  *check(subject) {
    const url = subject.config.options?.authenticate_service_url;
    if (url === undefined) return;
    const host = hostnameOf(url);
    for (const { route, path } of routesOf(subject)) {
      if (hostnameOf(route.from) !== host) continue;
      yield { path: [...path, 'from'], message: `${host} is also the host of the authenticate service` };
    }
  },
};

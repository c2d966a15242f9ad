import type { Rule } from '../rule.ts';
import { hostnameOf, pomeriumService, routesOf } from '../subject.ts';

export const missingAlias: Rule = {
  id: 'MISSING_ALIAS',
  severity: 'warning',
  title: 'The other containers reach the gateway under each of its names',
  why: 'A server fetches the gateway’s keys, and Pomerium its identity provider, by public name; on one machine that name leads nowhere from inside a container.',
  fix: 'add the host under networks: default: aliases: of the service; `mcpgw up` does it',
  source: 'Compose specification, networks.aliases',
  *check(subject) {
    const service = pomeriumService(subject);
    // On a server with a public name, DNS leads back from inside too.
    if (!service || service.aliases.length === 0) return;
    const hosts = new Set(routesOf(subject).map(({ route }) => hostnameOf(route.from)));
    for (const host of hosts) {
      if (host === '' || host.includes('*') || service.aliases.includes(host)) continue;
      yield {
        in: 'compose',
        path: ['services', service.name, 'networks', 'default', 'aliases'],
        message: `${host} is no alias of ${service.name}`,
      };
    }
  },
};

import type { Rule } from '../rule.ts';
import { hostnameOf, routesOf, runsInContainer } from '../subject.ts';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export const upstreamOnLoopback: Rule = {
  id: 'UPSTREAM_ON_LOOPBACK',
  severity: 'warning',
  title: 'No upstream of a container is on localhost',
  why: 'Inside a container localhost is the container: nothing listens there, and calls end in 503.',
  fix: 'write the service’s name, or host.docker.internal for a program on this machine',
  source: 'Docker networking',
  *check(subject) {
    if (!runsInContainer(subject)) return;
    for (const { route, path } of routesOf(subject)) {
      const upstream = route.to.find(({ url }) => LOOPBACK.test(hostnameOf(url)));
      if (upstream) yield { path: [...path, 'to'], message: `${upstream.url} is the container itself` };
    }
    const connection = subject.environment['DATABROKER_STORAGE_CONNECTION_STRING'] ?? '';
    if (LOOPBACK.test(hostnameOf(connection.replace(/^postgres(ql)?:/, 'http:'))))
      yield {
        path: [],
        message: 'the database is looked for on the container’s own localhost',
        fix: 'name the database’s service in DATABROKER_STORAGE_CONNECTION_STRING',
      };
  },
};

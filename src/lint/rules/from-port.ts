import type { Rule } from '../rule.ts';
import { listenPort, pomeriumService, portOf, routesOf } from '../subject.ts';

export const fromPort: Rule = {
  id: 'FROM_PORT',
  severity: 'warning',
  title: 'The port in `from` is the one that people use',
  why: 'A `from` with a port matches exactly that Host; any other is answered with 404 `route_not_found`, although the name is right.',
  fix: 'write the port on which the gateway is reached, or leave it out',
  source: 'Pomerium v0.33.1 config/runtime_flags.go, match_any_incoming_port',
  *check(subject) {
    const { options } = subject.config;
    if (!options || options.runtime_flags['match_any_incoming_port'] === false) return;
    const inside = listenPort(options.address);
    const published = pomeriumService(subject)?.ports.find(({ target }) => target === inside)?.published;
    const reached = new Set([inside, ...(published === undefined ? [] : [Number(published)])]);
    for (const { route, path } of routesOf(subject)) {
      const isWritten = /:\d+$/.test(route.from);
      if (!isWritten || reached.has(portOf(route.from))) continue;
      yield {
        path: [...path, 'from'],
        message: `${route.from} is asked for on port ${portOf(route.from)}, and the gateway listens on ${inside}`,
      };
    }
  },
};

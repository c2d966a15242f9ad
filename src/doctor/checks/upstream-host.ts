import { failure, ok, skipped, type Check } from '../check.ts';
import { callOnce, readStart } from '../call-once.ts';
import { wayTo } from '../reach.ts';
import { advise, placeOf } from '../servers.ts';
import { count } from '../words.ts';

/** How the SDKs' guards against DNS rebinding put it: 403 of TypeScript's, 421 of Python's. */
const GUARD = /invalid host|host( header)? (is )?not allowed/i;

/** The gateway calls a server by the name in `to` (Pomerium v0.33.1, seen running). */
export const upstreamHost: Check = {
  id: 'TOL-08',
  area: 'tools',
  title: 'servers take the name by which they are called',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const servers = await patient.servers();
    const asked: string[] = [];
    for (const server of servers) {
      const way = await wayTo(patient, server, signal);
      if (typeof way === 'string') continue;
      const response = await callOnce(patient, way, signal);
      const text = await readStart(response);
      asked.push(server.name);
      if (response.status < 400 || !GUARD.test(text)) continue;
      const ours = `edit pomerium-config.yaml${placeOf(server)}: preserve_host_header: true\nmcpgw up\n# or allow the name in ${server.name} itself`;
      const fix = advise(patient, ours, 'let the server take the name by which the gateway calls it');
      return failure(
        `${server.name} answers ${response.status}: its guard against DNS rebinding refuses the gateway`,
        fix,
        [text],
      );
    }
    return asked.length === 0 ? skipped('no server can be called without a person') : ok(count(asked.length, 'server'));
  },
};

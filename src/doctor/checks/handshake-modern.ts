import { failure, ok, skipped, type Check } from '../check.ts';
import { tryEra, versionOf } from '../eras.ts';
import { firstWay } from '../reach.ts';
import { advise } from '../servers.ts';

/** A server may well speak the older revisions alone; then clients fall back. */
export const handshakeModern: Check = {
  id: 'TOL-03',
  area: 'tools',
  title: 'the stateless protocol works',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const problem = await tryEra(patient, way, 'modern', signal);
    if (problem === undefined) return ok(`${way.server.name}: ${versionOf('modern')}`);
    if ((await tryEra(patient, way, 'legacy', signal)) === undefined)
      return ok(`${way.server.name} speaks older revisions only, up to ${versionOf('legacy')}`, [problem]);
    return failure(problem, advise(patient, 'mcpgw logs', 'look at the server’s log'));
  },
};

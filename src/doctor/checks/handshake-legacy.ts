import { ok, skipped, warning, type Check } from '../check.ts';
import { tryEra, versionOf } from '../eras.ts';
import { firstWay } from '../reach.ts';
import { advise } from '../servers.ts';

/** What most clients speak first. */
export const handshakeLegacy: Check = {
  id: 'TOL-04',
  area: 'tools',
  title: 'the initialize handshake works',
  on: ['server'],
  needs: ['GTW-01', 'SGN-02'],
  async run(patient, signal) {
    const way = await firstWay(patient, signal);
    if (typeof way === 'string') return skipped(way);
    const problem = await tryEra(patient, way, 'legacy', signal);
    if (problem === undefined) return ok(`${way.server.name}: ${versionOf('legacy')}`);
    const fix = advise(patient, 'mcpgw logs', 'take `initialize` too');
    return warning(`clients of the older revisions cannot connect: ${problem}`, fix);
  },
};

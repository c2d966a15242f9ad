import { behaviourOf } from '../../pomerium/versions.ts';
import { ok, skipped, type Check } from '../check.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';

/** Only the provider knows what is registered there; what has to be is told. */
export const upstreamCallback: Check = {
  id: 'UPS-04',
  area: 'upstream',
  title: 'what has to be registered at upstream providers',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run(patient) {
    const upstreams = await upstreamsOf(patient);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const { release } = (await patient.configuration()).subject;
    const path = behaviourOf(release)?.upstreamCallback ?? '/.pomerium/mcp/client/oauth/callback';
    const urls = upstreams.map(({ server }) => `${server.name}: ${server.url.origin}${path}`);
    return ok(urls.join(', '), urls);
  },
};

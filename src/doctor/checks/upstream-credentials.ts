import { failure, ok, skipped, type Check } from '../check.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';

const SAMPLE = /YOUR[-_ ]|^xxx|^<.*>$|\$\{/i;

export const upstreamCredentials: Check = {
  id: 'UPS-06',
  area: 'upstream',
  title: 'upstream credentials are filled in',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run(patient) {
    const upstreams = await upstreamsOf(patient);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const { file } = await patient.configuration();
    const empty = upstreams.find(({ oauth }) => SAMPLE.test(oauth.client_id ?? '') || oauth.client_secret === '');
    if (!empty) return ok(upstreams.map(({ server }) => server.name).join(', '));
    return failure(
      `${empty.server.name}: client_id or client_secret is an example’s`,
      `edit ${file}: what the provider gave you`,
    );
  },
};

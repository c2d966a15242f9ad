import { ok, skipped, warning, type Check } from '../check.ts';
import { metadataOf } from '../upstream-metadata.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';
import { show } from '../words.ts';

export const upstreamMetadata: Check = {
  id: 'UPS-02',
  area: 'upstream',
  title: 'written endpoints are those the provider names',
  on: ['configuration'],
  needs: ['UPS-01'],
  async run(patient, signal) {
    const upstreams = await upstreamsOf(patient);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const send = await patient.fetch();
    const told: string[] = [];
    for (const { server, oauth } of upstreams) {
      const metadata = await metadataOf(send, oauth, signal);
      if (!metadata) continue;
      told.push(server.name);
      const said = metadata['token_endpoint'];
      if (said !== oauth.endpoint?.token_url)
        return warning(
          `${server.name}: its provider names ${show(said)} as token endpoint`,
          `edit upstream_oauth2.endpoint.token_url of ${server.name}`,
        );
    }
    return told.length === 0 ? skipped('the providers publish no metadata') : ok(told.join(', '));
  },
};

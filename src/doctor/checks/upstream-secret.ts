import { failure, ok, skipped, type Check } from '../check.ts';
import { metadataOf } from '../upstream-metadata.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';
import { show } from '../words.ts';

/** Since v0.33.0 Pomerium puts the secret into the form body, whatever `auth_style` says. */
export const upstreamSecret: Check = {
  id: 'UPS-03',
  area: 'upstream',
  title: 'the provider takes the secret where Pomerium puts it',
  on: ['configuration'],
  needs: ['UPS-01'],
  async run(patient, signal) {
    const upstreams = (await upstreamsOf(patient)).filter(({ oauth }) => oauth.client_secret !== undefined);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const send = await patient.fetch();
    const told: string[] = [];
    for (const { server, oauth } of upstreams) {
      const methods = (await metadataOf(send, oauth, signal))?.['token_endpoint_auth_methods_supported'];
      if (!Array.isArray(methods)) continue;
      told.push(server.name);
      if (methods.includes('client_secret_post')) continue;
      const fix = 'have the provider take client_secret_post; auth_style has no effect';
      return failure(`${server.name}: its provider takes ${show(methods)} only`, fix);
    }
    return told.length === 0 ? skipped('the providers do not say') : ok(told.join(', '));
  },
};

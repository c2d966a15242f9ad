import { failure, ok, skipped, type Check } from '../check.ts';
import { getJson } from '../probe.ts';
import { show } from '../words.ts';

export const identityProvider: Check = {
  id: 'SGN-01',
  area: 'sign-in',
  title: 'the identity provider answers under its own name',
  needs: ['GTW-01'],
  async run({ project, fetch }, signal) {
    const loaded = await project();
    const { idp_provider_url: issuer } = loaded.parsed.options ?? {};
    if (issuer === undefined) return skipped('the provider’s address is built into Pomerium');
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { issuer: said } = await getJson(await fetch(loaded), url, signal);
    // OpenID Connect Discovery 1.0 §4.3: both must be exactly the same.
    if (said === issuer) return ok(issuer);
    const fix = loaded.settings.idp ? 'mcpgw restart' : `edit pomerium-config.yaml: idp_provider_url: ${show(said)}`;
    return failure(`it calls itself ${show(said)}, and idp_provider_url is ${issuer}`, fix);
  },
};

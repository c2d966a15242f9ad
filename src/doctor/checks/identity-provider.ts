import { failure, ok, skipped, type Check } from '../check.ts';
import { getJson } from '../probe.ts';
import { show } from '../words.ts';

export const identityProvider: Check = {
  id: 'SGN-01',
  area: 'sign-in',
  title: 'the identity provider answers under its own name',
  on: ['configuration'],
  needs: ['GTW-01'],
  async run({ target, project, configuration, fetch }, signal) {
    const { options, file } = await configuration();
    const { idp_provider_url: issuer } = options ?? {};
    if (issuer === undefined) return skipped('the provider’s address is built into Pomerium');
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { issuer: said } = await getJson(await fetch(), url, signal);
    // OpenID Connect Discovery 1.0 §4.3: both must be exactly the same.
    if (said === issuer) return ok(issuer);
    const isOurs = target.kind === 'project' && (await project()).settings.idp !== undefined;
    const fix = isOurs ? 'mcpgw restart' : `edit ${file}: idp_provider_url: ${show(said)}`;
    return failure(`it calls itself ${show(said)}, and idp_provider_url is ${issuer}`, fix);
  },
};

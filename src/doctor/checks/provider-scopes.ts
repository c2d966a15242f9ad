import { ok, skipped, warning, type Check } from '../check.ts';
import { readProvider } from '../provider.ts';

export const providerScopes: Check = {
  id: 'SGN-04',
  area: 'sign-in',
  title: 'the identity provider offers the scopes asked for',
  on: ['configuration'],
  needs: ['SGN-01'],
  async run({ configuration, fetch }, signal) {
    const provider = await readProvider({ configuration, fetch }, signal);
    if (typeof provider === 'string') return skipped(provider);
    const offered = provider.document['scopes_supported'];
    // OpenID Connect Discovery 1.0 §3: the list is recommended, and may be short of some.
    if (!Array.isArray(offered)) return skipped('the provider lists no scopes');
    const { options, file } = await configuration();
    const own = options?.idp_scopes ?? [];
    const asked = own.length > 0 ? own : ['openid', 'email', 'profile'];
    const missing = asked.filter((scope) => !offered.includes(scope));
    if (missing.length === 0) return ok(asked.join(' '));
    return warning(`not offered: ${missing.join(', ')}`, `edit ${file}: idp_scopes`, [`offered: ${offered.join(' ')}`]);
  },
};

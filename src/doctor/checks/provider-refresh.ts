import { ok, skipped, warning, type Check } from '../check.ts';
import { readProvider } from '../provider.ts';

/** Pomerium hands out a refresh token even where the provider gave it none, and then refuses it (v0.33.1). */
export const providerRefresh: Check = {
  id: 'SGN-05',
  area: 'sign-in',
  title: 'the identity provider gives refresh tokens',
  on: ['configuration'],
  needs: ['SGN-01'],
  async run({ configuration, fetch }, signal) {
    const { options, file } = await configuration();
    const fix = `edit ${file}: an OpenID Connect provider, and cookie_expire as long as a session may last`;
    if (options?.idp_provider === 'github') return warning('GitHub gives none: users sign in anew after 14 hours', fix);
    const provider = await readProvider({ configuration, fetch }, signal);
    if (typeof provider === 'string') return skipped(provider);
    const grants = provider.document['grant_types_supported'];
    if (Array.isArray(grants) && !grants.includes('refresh_token'))
      return warning('the provider offers no refresh grant: users sign in anew after 14 hours', fix);
    return ok('refresh_token');
  },
};

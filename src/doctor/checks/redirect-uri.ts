import { failure, ok, skipped, type Check } from '../check.ts';
import { readProvider } from '../provider.ts';
import { plainUrl } from '../servers.ts';

/** The question is asked as a browser would, and its answer not followed: nobody signs in. */
export const redirectUri: Check = {
  id: 'SGN-03',
  area: 'sign-in',
  title: 'the identity provider knows client and redirect URI',
  on: ['configuration'],
  needs: ['SGN-01'],
  async run({ configuration, fetch }, signal) {
    const { options } = await configuration();
    const base = options?.authenticate_service_url;
    const provider = await readProvider({ configuration, fetch }, signal);
    if (typeof provider === 'string') return skipped(provider);
    const endpoint = provider.document['authorization_endpoint'];
    if (!base || typeof endpoint !== 'string') return skipped('sign-in happens at Pomerium’s hosted service');
    // Pomerium v0.33.1 authenticate: the path is fixed.
    const callback = new URL('/oauth2/callback', base).href;
    const url = new URL(endpoint);
    const query = {
      response_type: 'code',
      scope: 'openid',
      state: 'doctor',
      client_id: options.idp_client_id ?? '',
      redirect_uri: callback,
    };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const response = await (await fetch())(url, { signal, headers: { accept: 'text/html' } });
    await response.body?.cancel();
    const error = errorIn(response.headers.get('location'), callback);
    const evidence = [`registered has to be: ${callback}`];
    if (response.status < 400 && error === undefined) return ok(callback, evidence);
    const text = `the provider answers ${error ?? response.status} to client ${options.idp_client_id ?? '(none)'}`;
    return failure(text, `register at the provider: ${callback}`, evidence);
  },
};

/** RFC 6749 §4.1.2.1: refusals that may go back go back to the redirect URI. */
function errorIn(location: string | null, callback: string): string | undefined {
  if (!location?.startsWith(plainUrl({ name: '', url: new URL(callback) }))) return undefined;
  return URL.parse(location)?.searchParams.get('error') ?? undefined;
}

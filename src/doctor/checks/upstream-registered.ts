import { behaviourOf } from '../../pomerium/versions.ts';
import { failure, ok, skipped, type Check } from '../check.ts';
import { NO_UPSTREAM, upstreamsOf } from '../upstreams.ts';

/** Of Pomerium v0.33.1, where the release is not known. */
const CALLBACK = '/.pomerium/mcp/client/oauth/callback';

/** Asked as a browser would, and the answer not followed. Some providers tell only after a sign-in, so silence proves nothing. */
export const upstreamRegistered: Check = {
  id: 'UPS-07',
  area: 'upstream',
  title: 'upstream providers know client and callback',
  on: ['configuration'],
  needs: ['UPS-01'],
  async run(patient, signal) {
    const upstreams = await upstreamsOf(patient);
    if (upstreams.length === 0) return skipped(NO_UPSTREAM);
    const { release } = (await patient.configuration()).subject;
    const path = behaviourOf(release)?.upstreamCallback ?? CALLBACK;
    const send = await patient.fetch();
    const asked: string[] = [];
    for (const { server, oauth } of upstreams) {
      const endpoint = oauth.endpoint?.auth_url;
      if (endpoint === undefined || !oauth.client_id) continue;
      const callback = `${server.url.origin}${path}`;
      const query = { response_type: 'code', client_id: oauth.client_id, redirect_uri: callback, state: 'doctor' };
      const url = new URL(endpoint);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const response = await send(url, { signal, headers: { accept: 'text/html' } });
      await response.body?.cancel();
      asked.push(server.name);
      if (!isRefusal(response, url)) continue;
      const text = `${server.name}: its provider answers ${response.status} to this client and callback`;
      return failure(text, `register at the provider: ${callback}`, [`client: ${oauth.client_id}`]);
    }
    return asked.length === 0 ? skipped('no endpoint is written down: they are discovered') : ok(asked.join(', '));
  },
};

/** RFC 6749 §4.1.2.1: what is wrong with client or redirect URI never goes back there, but to a page of the provider. */
function isRefusal({ status, headers }: Response, asked: URL): boolean {
  if (status >= 400 && status < 500) return true;
  const target = URL.parse(headers.get('location') ?? '', asked.href);
  return target?.host === asked.host && /error/i.test(`${target.pathname}${target.search}`);
}

import { failure, ok, skipped, type Check } from '../check.ts';
import { askAnonymously, Unreachable } from '../probe.ts';
import { count } from '../words.ts';

/** Pomerium discovers over https on port 443 only (v0.33.1 internal/mcp, SSRF protection). */
export const upstreamDiscovery: Check = {
  id: 'UPS-05',
  area: 'upstream',
  title: 'upstreams that want a token can be discovered',
  on: ['configuration'],
  needs: ['FIL-03'],
  async run(patient, signal) {
    const open = (await patient.servers()).filter(({ route }) => route && !route.mcp?.server?.upstream_oauth2);
    const urls = open.flatMap(({ name, route }) =>
      (route?.to ?? []).filter(({ url }) => url.startsWith('https:')).map(({ url }) => ({ name, url: new URL(url) })),
    );
    if (urls.length === 0) return skipped('no upstream is reached over https');
    const send = await patient.fetch();
    for (const { name, url } of urls) {
      const answer = await askAnonymously(send, url, signal).catch((error: unknown) => {
        if (error instanceof Unreachable) return undefined;
        throw error;
      });
      const isHidden = url.port !== '' && url.port !== '443';
      if (answer?.status === 401 && isHidden)
        return failure(
          `${name}: ${url.host} wants a token, and Pomerium discovers on port 443 only`,
          'write upstream_oauth2 with its endpoints for the route',
        );
    }
    return ok(count(urls.length, 'upstream'));
  },
};

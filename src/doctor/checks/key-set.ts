import { failure, ok, skipped, type Check } from '../check.ts';
import { getJson } from '../probe.ts';
import { count } from '../words.ts';

/** Servers verify the identity that the gateway passes on with these keys (Pomerium v0.33.1 `/.well-known/pomerium/jwks.json`). */
export const keySet: Check = {
  id: 'GTW-05',
  area: 'gateway',
  title: 'servers can fetch the keys of the identity assertion',
  on: ['configuration'],
  needs: ['GTW-01'],
  async run({ servers, fetch }, signal) {
    const [server] = await servers();
    if (!server) return skipped('no MCP route asks for a sign-in');
    const url = `${server.url.origin}/.well-known/pomerium/jwks.json`;
    const { keys } = await getJson(await fetch(), url, signal);
    if (Array.isArray(keys) && keys.length > 0) return ok(count(keys.length, 'key'), [url]);
    return failure(`${url} holds no key: there is no signing_key`, 'mcpgw secrets rotate SIGNING_KEY');
  },
};

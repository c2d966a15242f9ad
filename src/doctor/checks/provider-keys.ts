import { failure, ok, skipped, type Check } from '../check.ts';
import { getJson } from '../probe.ts';
import { readProvider } from '../provider.ts';
import { count } from '../words.ts';

export const providerKeys: Check = {
  id: 'SGN-07',
  area: 'sign-in',
  title: 'the identity provider’s keys can be fetched',
  on: ['configuration'],
  needs: ['SGN-06'],
  async run({ configuration, fetch }, signal) {
    const provider = await readProvider({ configuration, fetch }, signal);
    if (typeof provider === 'string') return skipped(provider);
    const url = String(provider.document['jwks_uri']);
    const { keys } = await getJson(await fetch(), url, signal);
    if (Array.isArray(keys) && keys.length > 0) return ok(count(keys.length, 'key'));
    return failure(`${url} holds no key`, `mend the provider at ${provider.issuer}`);
  },
};

import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { readProvider } from '../provider.ts';
import { show } from '../words.ts';

const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'];

export const providerEndpoints: Check = {
  id: 'SGN-06',
  area: 'sign-in',
  title: 'the identity provider’s endpoints are whole',
  on: ['configuration'],
  needs: ['SGN-01'],
  async run({ configuration, fetch }, signal) {
    const provider = await readProvider({ configuration, fetch }, signal);
    if (typeof provider === 'string') return skipped(provider);
    const { issuer, document } = provider;
    const evidence = ENDPOINTS.map((name) => `${name}: ${show(document[name])}`);
    const lost = ENDPOINTS.find((name) => !URL.canParse(String(document[name])));
    if (lost) return failure(`${lost} is ${show(document[lost])}`, `mend the provider at ${issuer}`, evidence);
    const plain = ENDPOINTS.find((name) => issuer.startsWith('https:') && !String(document[name]).startsWith('https:'));
    if (plain) return warning(`${plain} is no https URL`, `mend the provider at ${issuer}`, evidence);
    return ok('authorization, token, keys', evidence);
  },
};

import type { Patient } from '../../src/doctor/check.ts';

const DOCUMENT = {
  authorization_endpoint: 'https://idp.corp.test/authorize',
  token_endpoint: 'https://idp.corp.test/token',
  jwks_uri: 'https://idp.corp.test/keys',
};

/** An identity provider whose metadata has this, and which answers everything else so. */
export function provider(document: Record<string, unknown>, answer: () => Response): Pick<Patient, 'fetch'> {
  return {
    fetch: async () => async (input) => {
      const url = new URL(input instanceof Request ? input.url : input);
      if (!url.pathname.endsWith('/.well-known/openid-configuration')) return answer();
      const issuer = url.href.replace('/.well-known/openid-configuration', '');
      return Response.json({ issuer, ...DOCUMENT, ...document });
    },
  };
}

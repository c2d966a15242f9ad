import type { LogGroup } from './pattern.ts';

export const identity: LogGroup = {
  id: 'LOG-05',
  title: 'sign-ins at the identity provider go through',
  patterns: [
    {
      match: /identity: (provider is not defined|unknown provider)|missing provider url/,
      kind: 'failure',
      text: 'a sign-in failed: the identity provider is not set up',
      fix: 'edit pomerium-config.yaml: idp_provider, idp_provider_url, idp_client_id\nmcpgw up',
    },
    {
      match: /could not connect to oidc/,
      kind: 'warning',
      text: 'a sign-in failed: the gateway did not reach the identity provider',
      fix: 'mcpgw doctor --only sign-in,docker    # address, and the name inside the network',
    },
    {
      match: /error redeeming authenticate code.*invalid_client/,
      kind: 'warning',
      text: 'a sign-in failed: the identity provider refuses the client secret',
      fix: 'edit IDP_CLIENT_SECRET in .env\nmcpgw up',
    },
    {
      match: /refresh failed: oauth2: "?invalid_grant/,
      kind: 'warning',
      text: 'a refresh failed for good: the identity provider does not know the grant any more',
      fix: 'sign in again; keep the provider’s state, and ask it for offline_access',
    },
    {
      match: /hmac failed|hpke: error requesting hpke-public-key/,
      kind: 'warning',
      text: 'a sign-in failed: its signature does not fit, or the hosted service was out of reach',
      fix: 'mcpgw doctor --only secrets    # one fixed SHARED_SECRET for all services',
    },
  ],
};

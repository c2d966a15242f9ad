import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO, PKCE } from './sources.ts';

export const slack: UpstreamProvider = {
  name: 'slack',
  title: 'Slack (as the user)',
  authUrl: 'https://slack.com/oauth/v2_user/authorize',
  tokenUrl: 'https://slack.com/api/oauth.v2.user.access',
  clientAuthentication: 'body',
  scopes: ['search:read', 'channels:history'],
  scopeSeparator: ',',
  refresh: 'none',
  lifetime: 'does not end; 12 h and rotating where token rotation is on',
  console: 'https://api.slack.com/apps',
  caveats: [
    PKCE,
    'Pomerium reads a token at the top of the answer only; some clients look under `authed_user` here: try it before people rely on it',
  ],
  source: ['https://docs.slack.dev/authentication/installing-with-oauth', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED } from './sources.ts';

export const githubApp: UpstreamProvider = {
  name: 'github-app',
  title: 'GitHub (GitHub App)',
  authUrl: 'https://github.com/login/oauth/authorize',
  tokenUrl: 'https://github.com/login/oauth/access_token',
  clientAuthentication: 'body',
  // The app's permissions decide; scopes have no effect.
  scopes: [],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '8 h, refreshed for 6 months',
  console: 'https://github.com/settings/apps',
  source: [
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
  ],
  basis: 'vendor',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const github: UpstreamProvider = {
  name: 'github',
  title: 'GitHub (OAuth app)',
  authUrl: 'https://github.com/login/oauth/authorize',
  tokenUrl: 'https://github.com/login/oauth/access_token',
  clientAuthentication: 'body',
  scopes: ['read:user', 'user:email', 'repo'],
  scopeSeparator: ' ',
  refresh: 'none',
  lifetime: 'does not end',
  console: 'https://github.com/settings/developers',
  caveats: [
    'an OAuth app has no scope that reads private repositories without writing them: `repo` can do both; leave it out for public ones, or take a GitHub App (mcpgw add github-app)',
  ],
  source: ['https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

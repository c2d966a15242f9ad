import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const atlassian: UpstreamProvider = {
  name: 'atlassian',
  title: 'Atlassian (Jira, Confluence)',
  authUrl: 'https://auth.atlassian.com/authorize',
  tokenUrl: 'https://auth.atlassian.com/oauth/token',
  clientAuthentication: 'body',
  scopes: ['read:jira-work', 'read:jira-user', 'read:confluence-content.all', 'offline_access'],
  scopeSeparator: ' ',
  authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
  refresh: 'rotating',
  lifetime: '1 h',
  console: 'https://developer.atlassian.com/console/myapps/',
  caveats: ['an application has one callback URL: each route needs an application of its own'],
  source: ['https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const salesforce: UpstreamProvider = {
  name: 'salesforce',
  title: 'Salesforce',
  authUrl: 'https://login.salesforce.com/services/oauth2/authorize',
  tokenUrl: 'https://login.salesforce.com/services/oauth2/token',
  clientAuthentication: 'body',
  scopes: ['api', 'refresh_token'],
  scopeSeparator: ' ',
  authorizationParams: { prompt: 'consent' },
  refresh: 'lasting',
  lifetime: 'as the organisation’s session policy says',
  console: 'https://login.salesforce.com',
  caveats: ['`instance_url` of the token answer, the address of the organisation’s API, does not reach the MCP server'],
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

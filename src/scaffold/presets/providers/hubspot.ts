import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const hubspot: UpstreamProvider = {
  name: 'hubspot',
  title: 'HubSpot',
  authUrl: 'https://app.hubspot.com/oauth/authorize',
  tokenUrl: 'https://api.hubapi.com/oauth/v3/token',
  clientAuthentication: 'body',
  scopes: ['oauth', 'crm.objects.contacts.read'],
  scopeSeparator: ' ',
  refresh: 'lasting',
  lifetime: '30 min',
  console: 'https://app.hubspot.com/developer-overview',
  source: ['https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

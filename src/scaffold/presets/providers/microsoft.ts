import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO, PKCE } from './sources.ts';

export const microsoft: UpstreamProvider = {
  name: 'microsoft',
  title: 'Microsoft Graph',
  authUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
  tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
  clientAuthentication: 'body',
  scopes: ['offline_access', 'User.Read', 'Files.Read'],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '1 h, refreshed for 90 days after its last use',
  console: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
  caveats: [PKCE, '`common` lets accounts of every organisation in; write your tenant in its place, in both endpoints'],
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

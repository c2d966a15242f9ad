import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const dropbox: UpstreamProvider = {
  name: 'dropbox',
  title: 'Dropbox',
  authUrl: 'https://www.dropbox.com/oauth2/authorize',
  tokenUrl: 'https://api.dropboxapi.com/oauth2/token',
  clientAuthentication: 'body',
  scopes: ['files.metadata.read', 'files.content.read'],
  scopeSeparator: ' ',
  authorizationParams: { token_access_type: 'offline' },
  refresh: 'lasting',
  lifetime: '4 h',
  console: 'https://www.dropbox.com/developers/apps',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const asana: UpstreamProvider = {
  name: 'asana',
  title: 'Asana',
  authUrl: 'https://app.asana.com/-/oauth_authorize',
  tokenUrl: 'https://app.asana.com/-/oauth_token',
  clientAuthentication: 'body',
  scopes: ['default'],
  scopeSeparator: ' ',
  refresh: 'lasting',
  lifetime: '1 h',
  console: 'https://app.asana.com/0/my-apps',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

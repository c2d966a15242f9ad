import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const box: UpstreamProvider = {
  name: 'box',
  title: 'Box',
  authUrl: 'https://account.box.com/api/oauth2/authorize',
  tokenUrl: 'https://api.box.com/oauth2/token',
  clientAuthentication: 'body',
  scopes: ['root_readonly'],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '1 h, refreshed for 60 days',
  console: 'https://app.box.com/developers/console',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

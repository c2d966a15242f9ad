import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const gitlab: UpstreamProvider = {
  name: 'gitlab',
  title: 'GitLab.com',
  authUrl: 'https://gitlab.com/oauth/authorize',
  tokenUrl: 'https://gitlab.com/oauth/token',
  clientAuthentication: 'body',
  scopes: ['read_api', 'read_user'],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '2 h',
  console: 'https://gitlab.com/-/user_settings/applications',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

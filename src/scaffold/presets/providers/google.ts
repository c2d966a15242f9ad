import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const google: UpstreamProvider = {
  name: 'google',
  title: 'Google',
  authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  clientAuthentication: 'body',
  scopes: ['https://www.googleapis.com/auth/drive.readonly'],
  scopeSeparator: ' ',
  // Without both, no refresh token comes, or only the first time.
  authorizationParams: { access_type: 'offline', prompt: 'consent' },
  refresh: 'lasting',
  lifetime: '1 h',
  console: 'https://console.cloud.google.com/apis/credentials',
  caveats: [
    'while the consent screen is in Testing, refresh tokens end after 7 days',
    'Google gives at most 100 refresh tokens to one client and user; older ones end',
  ],
  source: ['https://developers.google.com/identity/protocols/oauth2/web-server', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO, PKCE } from './sources.ts';

export const linear: UpstreamProvider = {
  name: 'linear',
  title: 'Linear',
  authUrl: 'https://linear.app/oauth/authorize',
  tokenUrl: 'https://api.linear.app/oauth/token',
  clientAuthentication: 'body',
  scopes: ['read'],
  scopeSeparator: ',',
  authorizationParams: { prompt: 'consent', actor: 'user' },
  refresh: 'rotating',
  lifetime: '24 h (every application since 2026-04-01)',
  console: 'https://linear.app/settings/api/applications/new',
  caveats: [PKCE],
  source: ['https://linear.app/developers/oauth-2-0-authentication', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

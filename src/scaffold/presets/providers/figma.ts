import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO, PKCE } from './sources.ts';

export const figma: UpstreamProvider = {
  name: 'figma',
  title: 'Figma',
  authUrl: 'https://www.figma.com/oauth',
  tokenUrl: 'https://api.figma.com/v1/oauth/token',
  clientAuthentication: 'basic',
  scopes: ['file_content:read', 'file_metadata:read'],
  scopeSeparator: ',',
  refresh: 'none',
  lifetime: '90 days',
  console: 'https://www.figma.com/developers/apps',
  caveats: [
    PKCE,
    'tokens are refreshed at a URL of their own, which Pomerium cannot be told: people sign in again after 90 days',
  ],
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

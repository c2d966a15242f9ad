import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const zoom: UpstreamProvider = {
  name: 'zoom',
  title: 'Zoom',
  authUrl: 'https://zoom.us/oauth/authorize',
  tokenUrl: 'https://zoom.us/oauth/token',
  clientAuthentication: 'body',
  // The application's settings name them.
  scopes: [],
  scopeSeparator: ',',
  refresh: 'rotating',
  lifetime: '1 h, refreshed for 90 days',
  console: 'https://marketplace.zoom.us/develop/create',
  caveats: [
    'Zoom’s own pages show HTTP Basic at the token endpoint; others send the secret in the body, as Pomerium does',
  ],
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const canva: UpstreamProvider = {
  name: 'canva',
  title: 'Canva',
  authUrl: 'https://www.canva.com/api/oauth/authorize',
  tokenUrl: 'https://api.canva.com/rest/v1/oauth/token',
  clientAuthentication: 'basic',
  scopes: ['profile:read', 'design:meta:read'],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '4 h',
  console: 'https://www.canva.com/developers/integrations/connect-api',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

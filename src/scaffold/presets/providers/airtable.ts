import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const airtable: UpstreamProvider = {
  name: 'airtable',
  title: 'Airtable',
  authUrl: 'https://airtable.com/oauth2/v1/authorize',
  tokenUrl: 'https://airtable.com/oauth2/v1/token',
  clientAuthentication: 'basic',
  scopes: ['data.records:read', 'schema.bases:read'],
  scopeSeparator: ' ',
  refresh: 'rotating',
  lifetime: '1 h, refreshed for 60 days',
  console: 'https://airtable.com/create/oauth',
  source: [NANGO],
  basis: 'second hand',
  checked: CHECKED,
};

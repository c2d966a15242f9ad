import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO } from './sources.ts';

export const notion: UpstreamProvider = {
  name: 'notion',
  title: 'Notion',
  authUrl: 'https://api.notion.com/v1/oauth/authorize',
  tokenUrl: 'https://api.notion.com/v1/oauth/token',
  clientAuthentication: 'basic',
  // What an integration may do is set at the integration; scopes have no effect.
  scopes: [],
  scopeSeparator: ' ',
  authorizationParams: { owner: 'user' },
  refresh: 'rotating',
  lifetime: 'not documented',
  console: 'https://www.notion.so/my-integrations',
  caveats: ['its documentation shows a JSON body at the token endpoint, and Pomerium sends a form'],
  source: ['https://developers.notion.com/docs/authorization', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

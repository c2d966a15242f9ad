import type { UpstreamProvider } from '../types.ts';
import { CHECKED, NANGO, PKCE } from './sources.ts';

export const slackBot: UpstreamProvider = {
  name: 'slack-bot',
  title: 'Slack (as a bot)',
  authUrl: 'https://slack.com/oauth/v2/authorize',
  tokenUrl: 'https://slack.com/api/oauth.v2.access',
  clientAuthentication: 'body',
  scopes: ['channels:history', 'channels:read'],
  scopeSeparator: ',',
  refresh: 'none',
  lifetime: 'does not end; 12 h and rotating where token rotation is on',
  console: 'https://api.slack.com/apps',
  caveats: [
    PKCE,
    'everybody acts as the same bot: Pomerium reads the bot’s token, and not the user’s, which stands under `authed_user`',
  ],
  source: ['https://docs.slack.dev/authentication/installing-with-oauth', NANGO],
  basis: 'vendor',
  checked: CHECKED,
};

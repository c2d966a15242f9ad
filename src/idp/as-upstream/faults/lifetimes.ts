import { challenge } from '../challenge.ts';
import { credentialOf } from '../http.ts';
import { changeJson, without } from './change.ts';
import type { Fault } from './fault.ts';

/** How long tokens are good for, and who knows of it. */
export const LIFETIME_FAULTS = {
  'short-tokens': {
    summary: 'access tokens live 5 s; short-tokens=2: so many',
    symptom: 'none, but for a refresh before nearly every call: look for tokens issued in the provider’s log',
    fix: 'nothing to do; ask the provider for longer tokens if calls become slow',
    value: { default: 5, unit: 's' },
    places: [],
    behave: (behaviour, accessTokenLife) => ({ ...behaviour, accessTokenLife }),
  },
  'no-refresh-token': {
    summary: 'gives no refresh token',
    symptom: '401 with the gateway’s challenge once the token has expired; the client signs in again',
    fix: 'ask for offline access: a scope such as offline_access, or authorization_url_params: {access_type: offline}',
    places: [],
    behave: (behaviour) => ({ ...behaviour, refreshTokens: false }),
  },
  'no-expiry': {
    summary: 'the token’s answer has no expires_in, yet the token ends as ever',
    symptom:
      '401 with the gateway’s challenge once the token has ended; signing in again changes nothing, for the gateway takes the token for good',
    fix: 'POST /.pomerium/mcp/routes/disconnect for the route, then sign in again',
    places: ['code', 'refresh'],
    after: (answer) => without(answer, 'expires_in'),
  },
  'expiry-string': {
    summary: 'expires_in is a text: "3600"',
    symptom: 'the callback answers 502 `Token exchange failed`',
    fix: 'RFC 6749 §5.1 has a number there: tell the provider',
    places: ['code', 'refresh'],
    after: (answer) => changeJson(answer, (body) => ({ ...body, expires_in: String(body['expires_in']) })),
  },
  'clock-skew': {
    summary: 'the MCP server’s clock is 3600 s ahead, so that tokens expire early; clock-skew=60: so many',
    symptom: '401 with the gateway’s challenge, again after signing in: the gateway takes the token for good',
    fix: 'set the clocks by NTP; POST /.pomerium/mcp/routes/disconnect gets the user out of the loop',
    value: { default: 3600, unit: 's' },
    places: [],
    behave: (behaviour, earlyExpiry) => ({ ...behaviour, earlyExpiry }),
  },
  'revoked-token': {
    summary: 'the MCP server refuses every token as revoked, before it expires',
    symptom: '401 with the gateway’s challenge, again after signing in: the gateway takes the token for good',
    fix: 'POST /.pomerium/mcp/routes/disconnect for the route, then sign in again',
    places: ['resource'],
    instead: ({ site, received }) =>
      credentialOf(received, 'Bearer') === undefined
        ? undefined
        : challenge(site, 401, { error: 'invalid_token', error_description: 'the token was revoked' }),
  },
} satisfies Record<string, Fault>;

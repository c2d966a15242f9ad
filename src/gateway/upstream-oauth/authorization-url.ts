import type { Log } from '../../net/log.ts';
import { encodeQuery } from '../identity/go-text.ts';
import { challengeOf, type PendingUpstream } from './pending.ts';

/** Pomerium v0.33.1 internal/mcp/upstream_oauth_setup.go, reservedOAuthParams. */
const RESERVED = new Set([
  'client_id',
  'response_type',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'resource',
]);

/** Where the user consents (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707 §2). `extra`: `authorization_url_params` of the route. */
export function authorizationUrl(pending: PendingUpstream, extra: Record<string, string>, log: Log): string {
  const endpoint = new URL(pending.authorizationEndpoint);
  const parameters = new Map(endpoint.searchParams);
  parameters.set('client_id', pending.clientId);
  parameters.set('response_type', 'code');
  parameters.set('redirect_uri', pending.redirectUri);
  if (pending.scopes.length > 0) parameters.set('scope', pending.scopes.join(' '));
  parameters.set('state', pending.state);
  parameters.set('code_challenge', challengeOf(pending));
  parameters.set('code_challenge_method', 'S256');
  if (pending.resource !== '') parameters.set('resource', pending.resource);
  for (const [key, value] of Object.entries(extra)) {
    if (!RESERVED.has(key)) parameters.set(key, value);
    else log({ level: 'error', message: 'ignoring extra param that conflicts with standard OAuth parameter', key });
  }
  const [base = ''] = pending.authorizationEndpoint.split(/[?#]/, 1);
  return `${base}?${encodeQuery(parameters)}${endpoint.hash}`;
}

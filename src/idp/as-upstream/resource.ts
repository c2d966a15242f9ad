import { claimsOf, userOf } from '../users.ts';
import { challenge } from './challenge.ts';
import type { Grant } from './grants.ts';
import { credentialOf, json, oauthError, type Answer, type Received } from './http.ts';
import { answerMcp } from './mcp.ts';
import type { Site } from './site.ts';

/** The protected MCP server. */
export function mcp(site: Site, received: Received): Answer {
  const grant = authorized(site, received);
  if ('status' in grant) return grant;
  // No stream is offered: a client that asks for one goes on without (Streamable HTTP, "Listening for Messages").
  if (received.method !== 'POST') return json(405, { error: 'method_not_allowed' }, { allow: 'POST' });
  return answerMcp(site, grant, received);
}

/** The same in plain: an API as a vendor has it, `/api/me`. */
export function api(site: Site, received: Received): Answer {
  const grant = authorized(site, received);
  if ('status' in grant) return grant;
  if (received.path !== '/api/me') return oauthError(404, 'not_found', 'only /api/me is served');
  return json(200, { user: grant.user, client: grant.clientId, scopes: grant.scopes, resource: grant.resource });
}

/** OpenID Connect Core §5.3. */
export function userinfo(site: Site, received: Received): Answer {
  const grant = authorized(site, received);
  if ('status' in grant) return grant;
  const user = userOf(site.options.users, grant.user);
  return json(200, user ? claimsOf(grant.user, user) : { sub: grant.user });
}

/** Whose token came, or the answer that asks for one. */
function authorized(site: Site, received: Received): Grant | Answer {
  const given = credentialOf(received, 'Bearer');
  const found = given === undefined ? undefined : site.grants.lookUp(given, site.behaviour.earlyExpiry);
  if (found && found.fault === undefined) {
    site.count('resourceCalls');
    return found.grant;
  }
  const reason =
    given === undefined ? 'no token' : found ? `a token that is ${found.fault}` : 'a token that was not issued here';
  site.count('refused');
  site.options.log({ level: 'warn', message: 'refused a call', path: received.path, reason });
  return challenge(site, 401, given === undefined ? {} : { error: 'invalid_token', error_description: reason });
}

import type { Challenge } from '../tool.ts';

/**
 * Pomerium v0.33.1 internal/mcp/www_authenticate.go reads what follows the scheme as a structured-field dictionary (RFC 8941 §3.2):
 * keys in lower case, values quoted, commas between them. Names and scopes here need no escapes in it.
 */
export function signInChallenge(realm: string): Challenge {
  return { status: 401, header: `Bearer realm="${realm}"` };
}

/** The provider refused the token: expired or revoked. */
export function invalidTokenChallenge(realm: string): Challenge {
  const why = 'the provider does not accept the token';
  return { status: 401, header: `Bearer realm="${realm}", error="invalid_token", error_description="${why}"` };
}

/** `scope` names everything that the operation needs, separated by blanks (MCP 2026-07-28, Authorization). */
export function scopeChallenge(realm: string, scope: string): Challenge {
  return { status: 403, header: `Bearer realm="${realm}", error="insufficient_scope", scope="${scope}"` };
}

import { CliError } from '../errors.ts';

/** Somebody who can sign in. The key under which it stands is the `sub` claim. */
export interface DevUser {
  email: string;
  name: string;
  groups: string[];
  /** Further claims of the ID token and of userinfo. */
  claims?: Record<string, unknown>;
}

export type DevUsers = Readonly<Record<string, DevUser>>;

/** Claims that say what a token is, not who somebody is (OpenID Connect Core §2, RFC 7519 §4.1). */
const PROTOCOL_CLAIMS = new Set(
  (
    'sub iss aud azp exp nbf iat jti nonce sid acr amr auth_time at_hash c_hash s_hash scope client_id ' +
    '_claim_names _claim_sources __proto__'
  ).split(' '),
);

/** The claims that each scope opens; what a user brings along of its own comes with `openid`. */
export function claimsByScope(users: DevUsers): Record<string, string[]> {
  const own = new Set(Object.values(users).flatMap((user) => Object.keys(user.claims ?? {})));
  return {
    openid: ['sub', ...own],
    email: ['email', 'email_verified'],
    profile: ['name', 'preferred_username'],
    groups: ['groups'],
  };
}

export function claimsOf(key: string, user: DevUser): Record<string, unknown> {
  return {
    email: user.email,
    email_verified: true,
    name: user.name,
    preferred_username: key,
    groups: user.groups,
    ...user.claims,
    sub: key,
  };
}

/** The user under this key; keys such as `constructor` are nobody's. */
export function userOf(users: DevUsers, key: string): DevUser | undefined {
  return Object.hasOwn(users, key) ? users[key] : undefined;
}

/** Throws for a claim that a user may not bring along. */
export function assertUsers(users: DevUsers): void {
  for (const [key, user] of Object.entries(users)) {
    const wrong = Object.keys(user.claims ?? {}).filter((claim) => PROTOCOL_CLAIMS.has(claim));
    if (wrong.length === 0) continue;
    throw new CliError({
      code: 'IDP_USERS',
      message: `user \`${key}\`: the claims ${wrong.join(', ')} are set by the identity provider itself`,
      fix: `remove ${wrong.join(', ')} from the claims of \`${key}\``,
    });
  }
}

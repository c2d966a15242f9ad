import type { Provider } from './oidc.ts';
import type { DevUsers } from './users.ts';

/** The one application that signs its users in here. */
export interface IdpClient {
  id: string;
  secret: string;
  /** Compared character by character. */
  redirectUris: string[];
}

/** What pages and handlers need to know; replaced as a whole when users or redirect URIs change. */
export interface Site {
  issuer: string;
  users: DevUsers;
  client: IdpClient;
  provider: Provider;
  /** Does this error say that no sign-in waits for the browser? */
  isSignInOver(error: unknown): boolean;
}

export const PATHS = {
  authorize: '/authorize',
  token: '/token',
  userinfo: '/userinfo',
  jwks: '/jwks',
  revoke: '/revoke',
  signIn: '/sign-in',
  signOut: '/sign-out',
} as const;

/** Seconds that a browser stays known here. */
export const SESSION_TTL = 14 * 24 * 60 * 60;

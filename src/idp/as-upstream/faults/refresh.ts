import { oauthError } from '../http.ts';
import type { Fault } from './fault.ts';

/** What goes wrong when a token is to be refreshed; `short-tokens` makes it happen soon. */
export const REFRESH_FAULTS = {
  'refresh-refused': {
    summary: 'refuses every refresh with 400 invalid_grant',
    symptom: '401 with the gateway’s challenge once the token has expired; the client signs in again',
    fix: 'sign in again; if it comes back at once, look at how long the provider lets refresh tokens live',
    places: ['refresh'],
    instead: () => oauthError(400, 'invalid_grant', 'the refresh token was withdrawn'),
  },
  'refresh-500': {
    summary: 'answers every refresh with 500',
    symptom:
      'once the token has expired: 502 without a body for calls, 500 `internal error` for authorize; the refresh token is kept',
    fix: 'wait for the provider; nobody has to sign in again',
    places: ['refresh'],
    instead: () => oauthError(500, 'server_error', 'the provider has a bad day'),
  },
  'refresh-reuse': {
    summary: 'a refresh token that is used twice revokes everything that came of the sign-in',
    symptom:
      'none with one gateway, which refreshes once at a time; with several that do not share a store 401 with the gateway’s challenge',
    fix: 'sign in again; run one gateway, or have the provider allow a grace period for rotated tokens',
    places: [],
    behave: (behaviour) => ({ ...behaviour, reuseEndsGrant: true }),
  },
  'refresh-lost': {
    summary: 'rotates the refresh token, but the answer is lost: the connection closes',
    symptom:
      '502 without a body for the call that refreshes; with the next one the old refresh token is refused: 401 with the gateway’s challenge',
    fix: 'sign in again: the new refresh token is gone',
    places: ['refresh'],
    after: () => 'close',
  },
} satisfies Record<string, Fault>;

import type { Session } from '../../pomerium/model.ts';
import type { Consent } from '../strict/consent-table.ts';
import type { FamilyMember } from '../strict/family-table.ts';
import type { Authorization } from './authorization-table.ts';
import type { Client } from './client-table.ts';
import type { SealedPendingUpstream } from './pending-upstream-table.ts';
import type { RefreshToken } from './refresh-token-table.ts';
import type { StoredSession } from './session-table.ts';
import type { SealedUpstreamClient } from './upstream-client-table.ts';
import type { SealedUpstreamToken, UpstreamTokenKey } from './upstream-token-table.ts';

/** At once from SQLite, later from a server. */
export type Awaitable<T> = T | Promise<T>;

/** What the gateway remembers. Calls that cannot read or write throw; a server that is away throws StoreUnavailable. */
export interface StateStore {
  readonly clients: {
    add(client: Client): Awaitable<void>;
    find(id: string): Awaitable<Client | undefined>;
    count(): Awaitable<number>;
  };
  /** Of a strict gateway. `expiresAt`: milliseconds since 1970. */
  readonly consents: {
    put(consent: Consent, expiresAt: number): Awaitable<void>;
    has(consent: Consent): Awaitable<boolean>;
  };
  /** Of a strict gateway. */
  readonly families: {
    add(member: FamilyMember): Awaitable<void>;
    familyOf(refreshTokenId: string): Awaitable<string | undefined>;
    sessionsOf(family: string): Awaitable<string[]>;
  };
  readonly sessions: {
    add(session: StoredSession): Awaitable<void>;
    /** With what the identity provider gave for it, unless it has ended or expired. */
    find(id: string): Awaitable<StoredSession | undefined>;
    /** The same for the hot path: what is in memory or can be read at once. */
    findNow(id: string): Session | undefined;
    /** The users of all sessions that live, oldest first. */
    liveUsers(): { email: string; expiresAt: number }[];
  };
  readonly authorizations: {
    add(authorization: Authorization): Awaitable<void>;
    find(id: string): Awaitable<Authorization | undefined>;
  };
  readonly refreshTokens: {
    /** The refresh token, unless it was used, revoked or has expired. */
    find(id: string): Awaitable<RefreshToken | undefined>;
  };
  readonly upstreamTokens: {
    /** In place of the one under the same key. */
    put(token: SealedUpstreamToken): Awaitable<void>;
    find(key: UpstreamTokenKey): Awaitable<SealedUpstreamToken | undefined>;
    /** All that can be had at once; to be asked again when `foreignVersion` changes. */
    allNow(): SealedUpstreamToken[];
    delete(key: UpstreamTokenKey): Awaitable<void>;
  };
  readonly pendingUpstreams: {
    /** In place of the one of the same user and host. */
    put(pending: SealedPendingUpstream): Awaitable<void>;
    find(userId: string, downstreamHost: string): Awaitable<SealedPendingUpstream | undefined>;
    findByState(stateHash: string): Awaitable<SealedPendingUpstream | undefined>;
    delete(userId: string, downstreamHost: string): Awaitable<void>;
  };
  readonly upstreamClients: {
    put(client: SealedUpstreamClient): Awaitable<void>;
    find(issuer: string, downstreamHost: string): Awaitable<SealedUpstreamClient | undefined>;
  };
  /** Ends a session and the refresh tokens that were issued for it. */
  endSession(id: string): Awaitable<void>;
  /** Trades an authorization for a refresh token: both or neither. False: somebody else redeemed it in the meantime. */
  redeem(authorizationId: string, next: RefreshToken): Awaitable<boolean>;
  /** Trades a refresh token for a new session and the next one: all or nothing. False: it was used in the meantime. */
  rotate(refreshTokenId: string, session: StoredSession, next: RefreshToken): Awaitable<boolean>;
  /** Removes what has expired, unless that was done a moment ago. */
  sweep(): Awaitable<void>;
  /** Changes whenever somebody else may have ended a session, or changed an upstream token. */
  foreignVersion(): number;
  /** Why nothing can be read or written now; undefined: all is well. */
  failure(): string | undefined;
  /** Resolves when the first attempt to reach the store has ended, well or badly. */
  settled: Promise<void>;
  close(): Awaitable<void>;
}

/** The store cannot be reached now; it may come back. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Milliseconds between two sweeps of expired rows. */
export const SWEEP_INTERVAL = 600_000;
/** What has an expiry date. */
export const EXPIRING_TABLES = [
  'sessions',
  'authorizations',
  'refresh_tokens',
  'pending_upstreams',
  'client_consents',
  'token_families',
] as const;

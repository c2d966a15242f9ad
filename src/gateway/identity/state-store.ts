import type { Session } from '../../pomerium/model.ts';
import type { Authorization } from './authorization-table.ts';
import type { Client } from './client-table.ts';
import type { RefreshToken } from './refresh-token-table.ts';
import type { StoredSession } from './session-table.ts';

/** At once from SQLite, later from a server. */
export type Awaitable<T> = T | Promise<T>;

/** What the gateway remembers. Calls that cannot read or write throw; a server that is away throws StoreUnavailable. */
export interface StateStore {
  readonly clients: {
    add(client: Client): Awaitable<void>;
    find(id: string): Awaitable<Client | undefined>;
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
  /** Ends a session and the refresh tokens that were issued for it. */
  endSession(id: string): Awaitable<void>;
  /** Trades an authorization for a refresh token: both or neither. False: somebody else redeemed it in the meantime. */
  redeem(authorizationId: string, next: RefreshToken): Awaitable<boolean>;
  /** Trades a refresh token for a new session and the next one: all or nothing. False: it was used in the meantime. */
  rotate(refreshTokenId: string, session: StoredSession, next: RefreshToken): Awaitable<boolean>;
  /** Removes what has expired, unless that was done a moment ago. */
  sweep(): Awaitable<void>;
  /** Changes whenever somebody else may have ended a session. */
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
export const EXPIRING_TABLES = ['sessions', 'authorizations', 'refresh_tokens'] as const;

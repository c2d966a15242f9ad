import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../net/log.ts';
import { consentKey, FIND_CONSENT, isInForce, PUT_CONSENT } from '../../strict/consent-table.ts';
import {
  familyIn,
  FIND_FAMILY,
  INSERT_MEMBER,
  memberValues,
  SESSIONS_OF_FAMILY,
  sessionIn,
} from '../../strict/family-table.ts';
import { authorizationValues, INSERT_AUTHORIZATION, storedAuthorization } from '../authorization-table.ts';
import { clientValues, COUNT_CLIENTS, countIn, INSERT_CLIENT, storedClient } from '../client-table.ts';
import {
  DELETE_PENDING_UPSTREAM,
  FIND_PENDING_BY_STATE,
  FIND_PENDING_UPSTREAM,
  pendingUpstreamValues,
  PUT_PENDING_UPSTREAM,
  storedPendingUpstream,
} from '../pending-upstream-table.ts';
import {
  INSERT_REFRESH_TOKEN,
  refreshTokenValues,
  REVOKE_ALL_OF_SESSION,
  REVOKE_REFRESH_TOKEN,
  storedRefreshToken,
  type RefreshToken,
} from '../refresh-token-table.ts';
import {
  INSERT_SESSION,
  sessionValues,
  storedSession,
  withoutProviderTokens,
  type StoredSession,
} from '../session-table.ts';
import { EXPIRING_TABLES, type StateStore, SWEEP_INTERVAL } from '../state-store.ts';
import type { Row, Value } from '../statements.ts';
import {
  FIND_UPSTREAM_CLIENT,
  PUT_UPSTREAM_CLIENT,
  storedUpstreamClient,
  upstreamClientValues,
} from '../upstream-client-table.ts';
import {
  DELETE_UPSTREAM_TOKEN,
  FIND_UPSTREAM_TOKEN,
  PUT_UPSTREAM_TOKEN,
  storedUpstreamToken,
  upstreamTokenKey,
  type UpstreamTokenKey,
} from '../upstream-token-table.ts';
import { openPool, type Database, type Queries } from './pg.ts';
import { announce, SessionFeed } from './session-feed.ts';
import { SessionMirror } from './session-mirror.ts';
import type { Target } from './target.ts';
import { nameOf, UpstreamTokenMirror } from './upstream-token-mirror.ts';

/** Milliseconds that a start waits for the sessions; Pomerium starts without its database, too. */
const PATIENCE = 2_000;

/** The store in a PostgreSQL database, which several gateways may share. It may be away at any time, also at the start. */
export class PostgresStore implements StateStore {
  readonly settled: Promise<void>;
  readonly #database: Database;
  readonly #mirror = new SessionMirror();
  readonly #tokens = new UpstreamTokenMirror();
  readonly #feed: SessionFeed;
  #sweptAt = 0;

  /** `findTarget` may throw StoreUnavailable. */
  constructor(findTarget: () => Target, log: Log) {
    log({ level: 'info', message: 'databroker/backend: initializing new postgres store' });
    this.#database = openPool(findTarget, () => this.#feed.assertUsable());
    this.#feed = new SessionFeed(this.#database, this.#mirror, this.#tokens, log);
    this.settled = Promise.race([this.#feed.firstAttempt, wait(PATIENCE, undefined, { ref: false })]);
  }

  readonly clients: StateStore['clients'] = {
    add: async (client) => void (await this.#database.query(INSERT_CLIENT, clientValues(client))),
    find: async (id) => this.#find('SELECT * FROM clients WHERE id = ?', [id], storedClient),
    count: async () => (await this.#find(COUNT_CLIENTS, [], countIn)) ?? 0,
  };

  readonly consents: StateStore['consents'] = {
    put: async (consent, expiresAt) =>
      void (await this.#database.query(PUT_CONSENT, [...consentKey(consent), expiresAt])),
    has: async (consent) => isInForce((await this.#database.query(FIND_CONSENT, consentKey(consent))).rows[0]),
  };

  readonly families: StateStore['families'] = {
    add: async (member) => void (await this.#database.query(INSERT_MEMBER, memberValues(member))),
    familyOf: async (refreshTokenId) => this.#find(FIND_FAMILY, [refreshTokenId], familyIn),
    sessionsOf: async (family) => (await this.#database.query(SESSIONS_OF_FAMILY, [family])).rows.map(sessionIn),
  };

  readonly sessions: StateStore['sessions'] = {
    add: async (session) => {
      await this.#database.transaction(async (queries) => addSession(queries, session));
      this.#mirror.set(withoutProviderTokens(session));
    },
    find: async (id) =>
      this.#find('SELECT * FROM sessions WHERE id = ? AND expires_at > ?', [id, Date.now()], storedSession),
    findNow: (id) => this.#mirror.find(id),
    liveUsers: () => this.#mirror.live().map(({ email, expiresAt }) => ({ email, expiresAt })),
  };

  readonly authorizations: StateStore['authorizations'] = {
    add: async (one) => void (await this.#database.query(INSERT_AUTHORIZATION, authorizationValues(one))),
    find: async (id) => this.#find('SELECT * FROM authorizations WHERE id = ?', [id], storedAuthorization),
  };

  readonly refreshTokens: StateStore['refreshTokens'] = {
    find: async (id) => {
      const select = 'SELECT * FROM refresh_tokens WHERE id = ? AND revoked = 0 AND expires_at > ?';
      return this.#find(select, [id, Date.now()], storedRefreshToken);
    },
  };

  readonly upstreamTokens: StateStore['upstreamTokens'] = {
    put: async (token) => {
      await this.#changeToken(token, PUT_UPSTREAM_TOKEN, [...upstreamTokenKey(token), token.sealed]);
      this.#tokens.set(token);
    },
    find: async (key) => this.#find(FIND_UPSTREAM_TOKEN, upstreamTokenKey(key), storedUpstreamToken),
    allNow: () => this.#tokens.all(),
    delete: async (key) => {
      await this.#changeToken(key, DELETE_UPSTREAM_TOKEN, upstreamTokenKey(key));
      this.#tokens.delete(key);
    },
  };

  readonly pendingUpstreams: StateStore['pendingUpstreams'] = {
    put: async (pending) => void (await this.#database.query(PUT_PENDING_UPSTREAM, pendingUpstreamValues(pending))),
    find: async (userId, host) => this.#find(FIND_PENDING_UPSTREAM, [userId, host], storedPendingUpstream),
    findByState: async (stateHash) => this.#find(FIND_PENDING_BY_STATE, [stateHash], storedPendingUpstream),
    delete: async (userId, host) => void (await this.#database.query(DELETE_PENDING_UPSTREAM, [userId, host])),
  };

  readonly upstreamClients: StateStore['upstreamClients'] = {
    put: async (client) => void (await this.#database.query(PUT_UPSTREAM_CLIENT, upstreamClientValues(client))),
    find: async (issuer, host) => this.#find(FIND_UPSTREAM_CLIENT, [issuer, host], storedUpstreamClient),
  };

  async endSession(id: string): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.query('DELETE FROM sessions WHERE id = ?', [id]);
      await queries.query(REVOKE_ALL_OF_SESSION, [id]);
      await announce(queries, 'ended', id);
    });
    this.#mirror.delete(id);
  }

  redeem(authorizationId: string, next: RefreshToken): Promise<boolean> {
    return this.#database.transaction(async (queries) => {
      const { changed } = await queries.query('DELETE FROM authorizations WHERE id = ?', [authorizationId]);
      if (changed === 1) await queries.query(INSERT_REFRESH_TOKEN, refreshTokenValues(next));
      return changed === 1;
    });
  }

  async rotate(refreshTokenId: string, session: StoredSession, next: RefreshToken): Promise<boolean> {
    const isDone = await this.#database.transaction(async (queries) => {
      const { changed } = await queries.query(REVOKE_REFRESH_TOKEN, [refreshTokenId]);
      if (changed !== 1) return false;
      await addSession(queries, session);
      await queries.query(INSERT_REFRESH_TOKEN, refreshTokenValues(next));
      return true;
    });
    if (isDone) this.#mirror.set(withoutProviderTokens(session));
    return isDone;
  }

  async sweep(): Promise<void> {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_INTERVAL) return;
    this.#sweptAt = now;
    this.#mirror.dropExpired(now);
    for (const table of EXPIRING_TABLES)
      await this.#database.query(`DELETE FROM ${table} WHERE expires_at <= ?`, [now]);
  }

  foreignVersion(): number {
    return this.#mirror.version + this.#tokens.version;
  }

  failure(): string | undefined {
    return this.#feed.failure();
  }

  async close(): Promise<void> {
    this.#feed.close();
    await this.#database.close();
  }

  async #changeToken(key: UpstreamTokenKey, statement: string, values: readonly Value[]): Promise<void> {
    await this.#database.transaction(async (queries) => {
      await queries.query(statement, values);
      await announce(queries, 'token', nameOf(key));
    });
  }

  async #find<T>(select: string, values: readonly Value[], read: (row: Row) => T): Promise<T | undefined> {
    const { rows } = await this.#database.query(select, values);
    return rows[0] && read(rows[0]);
  }
}

async function addSession(queries: Queries, session: StoredSession): Promise<void> {
  await queries.query(INSERT_SESSION, sessionValues(session));
  await announce(queries, 'began', session.id);
}

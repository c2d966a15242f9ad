import { type Row, type Statements, text, type Value } from './statements.ts';

/** An authorization at an upstream's provider under way, as it is stored: one for each user and host. */
export interface SealedPendingUpstream {
  userId: string;
  /** The Host header, with its port. */
  downstreamHost: string;
  /** SHA-256 of the `state` parameter, in base64url: who reads the store cannot end the authorization. */
  stateHash: string;
  /** Base64. */
  sealed: string;
  /** When the row may go, in milliseconds; later than the authorization expires, so that its end can be told. */
  expiresAt: number;
}

export const PUT_PENDING_UPSTREAM = `INSERT INTO pending_upstreams (user_id, downstream_host, state_hash, sealed, expires_at)
  VALUES (?, ?, ?, ?, ?) ON CONFLICT (user_id, downstream_host) DO UPDATE SET state_hash = excluded.state_hash,
  sealed = excluded.sealed, expires_at = excluded.expires_at`;
export const FIND_PENDING_UPSTREAM = 'SELECT * FROM pending_upstreams WHERE user_id = ? AND downstream_host = ?';
export const FIND_PENDING_BY_STATE = 'SELECT * FROM pending_upstreams WHERE state_hash = ?';
export const DELETE_PENDING_UPSTREAM = 'DELETE FROM pending_upstreams WHERE user_id = ? AND downstream_host = ?';

export class PendingUpstreamTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  put(pending: SealedPendingUpstream): void {
    this.#sql.run(PUT_PENDING_UPSTREAM, ...pendingUpstreamValues(pending));
  }

  find(userId: string, downstreamHost: string): SealedPendingUpstream | undefined {
    const row = this.#sql.get(FIND_PENDING_UPSTREAM, userId, downstreamHost);
    return row && storedPendingUpstream(row);
  }

  findByState(stateHash: string): SealedPendingUpstream | undefined {
    const row = this.#sql.get(FIND_PENDING_BY_STATE, stateHash);
    return row && storedPendingUpstream(row);
  }

  delete(userId: string, downstreamHost: string): void {
    this.#sql.run(DELETE_PENDING_UPSTREAM, userId, downstreamHost);
  }
}

/** In the order of PUT_PENDING_UPSTREAM. */
export function pendingUpstreamValues(one: SealedPendingUpstream): Value[] {
  return [one.userId, one.downstreamHost, one.stateHash, one.sealed, one.expiresAt];
}

export function storedPendingUpstream(row: Row): SealedPendingUpstream {
  return {
    userId: text(row, 'user_id'),
    downstreamHost: text(row, 'downstream_host'),
    stateHash: text(row, 'state_hash'),
    sealed: text(row, 'sealed'),
    expiresAt: Number(row['expires_at']),
  };
}

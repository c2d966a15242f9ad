import type { DatabaseSync } from 'node:sqlite';
import { ConsentTable } from '../strict/consent-table.ts';
import { FamilyTable } from '../strict/family-table.ts';
import { AuthorizationTable } from './authorization-table.ts';
import { ClientTable } from './client-table.ts';
import { PendingUpstreamTable } from './pending-upstream-table.ts';
import { type RefreshToken, RefreshTokenTable } from './refresh-token-table.ts';
import { SessionTable, type StoredSession } from './session-table.ts';
import { EXPIRING_TABLES, type StateStore, SWEEP_INTERVAL } from './state-store.ts';
import { Statements } from './statements.ts';
import { UpstreamClientTable } from './upstream-client-table.ts';
import { UpstreamTokenTable } from './upstream-token-table.ts';

/** The store in a SQLite file, or in memory. All calls are synchronous; those that write throw when the disk refuses. */
export class Store implements StateStore {
  readonly clients: ClientTable;
  readonly sessions: SessionTable;
  readonly authorizations: AuthorizationTable;
  readonly refreshTokens: RefreshTokenTable;
  readonly upstreamTokens: UpstreamTokenTable;
  readonly pendingUpstreams: PendingUpstreamTable;
  readonly upstreamClients: UpstreamClientTable;
  readonly consents: ConsentTable;
  readonly families: FamilyTable;
  readonly settled = Promise.resolve();
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  #sweptAt = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = new Statements(database);
    this.clients = new ClientTable(this.#sql);
    this.sessions = new SessionTable(this.#sql);
    this.authorizations = new AuthorizationTable(this.#sql);
    this.refreshTokens = new RefreshTokenTable(this.#sql);
    this.upstreamTokens = new UpstreamTokenTable(this.#sql);
    this.pendingUpstreams = new PendingUpstreamTable(this.#sql);
    this.upstreamClients = new UpstreamClientTable(this.#sql);
    this.consents = new ConsentTable(this.#sql);
    this.families = new FamilyTable(this.#sql);
    this.sweep();
  }

  /** Ends a session and the refresh tokens that were issued for it. */
  endSession(id: string): void {
    this.transaction(() => {
      this.sessions.end(id);
      this.refreshTokens.revokeAllOf(id);
    });
  }

  redeem(authorizationId: string, next: RefreshToken): boolean {
    return this.transaction(() => {
      if (!this.authorizations.end(authorizationId)) return false;
      this.refreshTokens.add(next);
      return true;
    });
  }

  rotate(refreshTokenId: string, session: StoredSession, next: RefreshToken): boolean {
    return this.transaction(() => {
      if (!this.refreshTokens.revoke(refreshTokenId)) return false;
      this.sessions.add(session);
      this.refreshTokens.add(next);
      return true;
    });
  }

  /** Removes what has expired, unless that was done a moment ago. */
  sweep(): void {
    const now = Date.now();
    if (now - this.#sweptAt < SWEEP_INTERVAL) return;
    this.#sweptAt = now;
    for (const table of EXPIRING_TABLES) {
      this.#sql.run(`DELETE FROM ${table} WHERE expires_at <= ?`, now);
    }
  }

  /** Changes whenever another connection has written to the file. */
  foreignVersion(): number {
    return Number(this.#sql.get('PRAGMA data_version')?.['data_version']);
  }

  /** Runs `work` as one unit: all of it is stored, or, when it throws, nothing. */
  transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** A file that fails is told by the call that meets it. */
  failure(): undefined {
    return undefined;
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

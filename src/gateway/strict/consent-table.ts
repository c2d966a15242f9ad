import type { Row, Statements, Value } from '../identity/statements.ts';

/** A user let a client have tokens for a host. */
export interface Consent {
  userId: string;
  clientId: string;
  /** Without the port of a loopback address. */
  redirectUri: string;
  host: string;
  /** Sorted, with single spaces. */
  scope: string;
}

export const PUT_CONSENT = `INSERT INTO client_consents (user_id, client_id, redirect_uri, host, scope, expires_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (user_id, client_id, redirect_uri, host, scope) DO UPDATE SET expires_at = excluded.expires_at`;
export const FIND_CONSENT =
  'SELECT expires_at FROM client_consents WHERE user_id = ? AND client_id = ? AND redirect_uri = ? AND host = ? AND scope = ?';

export class ConsentTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  put(consent: Consent, expiresAt: number): void {
    this.#sql.run(PUT_CONSENT, ...consentKey(consent), expiresAt);
  }

  has(consent: Consent): boolean {
    return isInForce(this.#sql.get(FIND_CONSENT, ...consentKey(consent)));
  }
}

/** In the order of the statements. */
export function consentKey({ userId, clientId, redirectUri, host, scope }: Consent): Value[] {
  return [userId, clientId, redirectUri, host, scope];
}

export function isInForce(row: Row | undefined): boolean {
  return row !== undefined && Number(row['expires_at']) > Date.now();
}

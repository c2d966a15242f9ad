import { jsonObject, optionalText, type Row, type Statements, text, type Value } from './statements.ts';

export interface RefreshToken {
  id: string;
  clientId: string;
  sessionId: string;
  idpId: string;
  idpRefreshToken?: string;
  /** Of the user; what the provider does not repeat at a refresh stays as it was. */
  claims: Record<string, unknown>;
  expiresAt: number;
}

export const INSERT_REFRESH_TOKEN = `INSERT INTO refresh_tokens (id, client_id, session_id, idp_id, idp_refresh_token, claims, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

export const REVOKE_REFRESH_TOKEN =
  'UPDATE refresh_tokens SET revoked = 1, idp_refresh_token = NULL WHERE id = ? AND revoked = 0';
export const REVOKE_ALL_OF_SESSION =
  'UPDATE refresh_tokens SET revoked = 1, idp_refresh_token = NULL WHERE session_id = ?';

/** Refresh tokens; those that were used stay as revoked until they expire. */
export class RefreshTokenTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(token: RefreshToken): void {
    this.#sql.run(INSERT_REFRESH_TOKEN, ...refreshTokenValues(token));
  }

  /** The refresh token, unless it was used, revoked or has expired. */
  find(id: string): RefreshToken | undefined {
    const select = 'SELECT * FROM refresh_tokens WHERE id = ? AND revoked = 0 AND expires_at > ?';
    const row = this.#sql.get(select, id, Date.now());
    return row && storedRefreshToken(row);
  }

  /** False: somebody else used it in the meantime. */
  revoke(id: string): boolean {
    return this.#sql.run(REVOKE_REFRESH_TOKEN, id) === 1;
  }

  revokeAllOf(sessionId: string): void {
    this.#sql.run(REVOKE_ALL_OF_SESSION, sessionId);
  }
}

/** In the order of INSERT_REFRESH_TOKEN. */
export function refreshTokenValues(one: RefreshToken): Value[] {
  const { id, clientId, sessionId, idpId, idpRefreshToken, claims, expiresAt } = one;
  return [id, clientId, sessionId, idpId, idpRefreshToken ?? null, JSON.stringify(claims), expiresAt];
}

export function storedRefreshToken(row: Row): RefreshToken {
  return {
    id: text(row, 'id'),
    clientId: text(row, 'client_id'),
    sessionId: text(row, 'session_id'),
    idpId: text(row, 'idp_id'),
    ...optionalText(row, 'idp_refresh_token', 'idpRefreshToken'),
    claims: jsonObject(row, 'claims'),
    expiresAt: Number(row['expires_at']),
  };
}

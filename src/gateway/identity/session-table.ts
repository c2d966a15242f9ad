import type { Session } from '../../pomerium/model.ts';
import { jsonObject, optionalText, type Row, type Statements, text, type Value } from './statements.ts';

/** A session with what the identity provider gave for it. */
export interface StoredSession extends Session {
  /** Which provider settings it was made with; a change of them calls for a new sign-in. */
  idpId: string;
  idToken?: string;
  idpAccessToken?: string;
  idpRefreshToken?: string;
}

export const INSERT_SESSION = `INSERT INTO sessions (id, user_id, email, name, claims, idp_id, id_token, idp_access_token, idp_refresh_token,
  issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export class SessionTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(session: StoredSession): void {
    this.#sql.run(INSERT_SESSION, ...sessionValues(session));
  }

  /** The session, unless it has ended or expired. */
  find(id: string): StoredSession | undefined {
    const row = this.#sql.get('SELECT * FROM sessions WHERE id = ? AND expires_at > ?', id, Date.now());
    return row && storedSession(row);
  }

  /** Only what policy and headers look at: the provider's tokens stay on disk. */
  findNow(id: string): Session | undefined {
    const stored = this.find(id);
    return stored && withoutProviderTokens(stored);
  }

  /** The users of all sessions that live, oldest first. */
  liveUsers(): { email: string; expiresAt: number }[] {
    const select = 'SELECT email, expires_at FROM sessions WHERE expires_at > ? ORDER BY issued_at, id';
    return this.#sql
      .all(select, Date.now())
      .map((row) => ({ email: text(row, 'email'), expiresAt: Number(row['expires_at']) }));
  }

  end(id: string): void {
    this.#sql.run('DELETE FROM sessions WHERE id = ?', id);
  }
}

/** In the order of INSERT_SESSION. */
export function sessionValues(session: StoredSession): Value[] {
  const { id, userId, email, name, claims, idpId, idToken, idpAccessToken, idpRefreshToken } = session;
  const tokens = [idToken ?? null, idpAccessToken ?? null, idpRefreshToken ?? null];
  return [id, userId, email, name, JSON.stringify(claims), idpId, ...tokens, session.issuedAt, session.expiresAt];
}

/** A whole row, or one without the provider's tokens. */
export function storedSession(row: Row): StoredSession {
  return {
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    email: text(row, 'email'),
    name: text(row, 'name'),
    claims: jsonObject(row, 'claims'),
    idpId: text(row, 'idp_id'),
    ...optionalText(row, 'id_token', 'idToken'),
    ...optionalText(row, 'idp_access_token', 'idpAccessToken'),
    ...optionalText(row, 'idp_refresh_token', 'idpRefreshToken'),
    issuedAt: Number(row['issued_at']),
    expiresAt: Number(row['expires_at']),
  };
}

export function withoutProviderTokens(stored: StoredSession): Session {
  const { id, userId, email, name, claims, issuedAt, expiresAt } = stored;
  return { id, userId, email, name, claims, issuedAt, expiresAt };
}

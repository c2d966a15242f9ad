import { optionalText, type Row, type Statements, text, type Value } from './statements.ts';

/** A granted authorization request that waits for its code to be redeemed. */
export interface Authorization {
  id: string;
  clientId: string;
  sessionId: string;
  redirectUri: string;
  codeChallenge?: string;
  codeChallengeMethod?: string;
  expiresAt: number;
}

export const INSERT_AUTHORIZATION = `INSERT INTO authorizations (id, client_id, session_id, redirect_uri, code_challenge, code_challenge_method,
  expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)`;

export class AuthorizationTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(one: Authorization): void {
    this.#sql.run(INSERT_AUTHORIZATION, ...authorizationValues(one));
  }

  find(id: string): Authorization | undefined {
    const row = this.#sql.get('SELECT * FROM authorizations WHERE id = ?', id);
    return row && storedAuthorization(row);
  }

  /** False: somebody else redeemed it in the meantime. */
  end(id: string): boolean {
    return this.#sql.run('DELETE FROM authorizations WHERE id = ?', id) === 1;
  }
}

/** In the order of INSERT_AUTHORIZATION. */
export function authorizationValues(one: Authorization): Value[] {
  const pkce = [one.codeChallenge ?? null, one.codeChallengeMethod ?? null];
  return [one.id, one.clientId, one.sessionId, one.redirectUri, ...pkce, one.expiresAt];
}

export function storedAuthorization(row: Row): Authorization {
  return {
    id: text(row, 'id'),
    clientId: text(row, 'client_id'),
    sessionId: text(row, 'session_id'),
    redirectUri: text(row, 'redirect_uri'),
    ...optionalText(row, 'code_challenge', 'codeChallenge'),
    ...optionalText(row, 'code_challenge_method', 'codeChallengeMethod'),
    expiresAt: Number(row['expires_at']),
  };
}

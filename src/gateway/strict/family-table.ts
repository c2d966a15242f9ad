import { type Row, type Statements, text, type Value } from '../identity/statements.ts';

/** A refresh token, the session that was made with it, and the code that all of its line came from. */
export interface FamilyMember {
  refreshTokenId: string;
  sessionId: string;
  /** Id of the authorization. */
  family: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export const INSERT_MEMBER =
  'INSERT INTO token_families (refresh_token_id, session_id, family, expires_at) VALUES (?, ?, ?, ?)';
export const FIND_FAMILY = 'SELECT family FROM token_families WHERE refresh_token_id = ?';
export const SESSIONS_OF_FAMILY = 'SELECT session_id FROM token_families WHERE family = ?';

/** Which tokens came from which code (RFC 9700 §4.14.2). */
export class FamilyTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  add(member: FamilyMember): void {
    this.#sql.run(INSERT_MEMBER, ...memberValues(member));
  }

  familyOf(refreshTokenId: string): string | undefined {
    const row = this.#sql.get(FIND_FAMILY, refreshTokenId);
    return row && familyIn(row);
  }

  sessionsOf(family: string): string[] {
    return this.#sql.all(SESSIONS_OF_FAMILY, family).map(sessionIn);
  }
}

/** In the order of INSERT_MEMBER. */
export function memberValues({ refreshTokenId, sessionId, family, expiresAt }: FamilyMember): Value[] {
  return [refreshTokenId, sessionId, family, expiresAt];
}

export function familyIn(row: Row): string {
  return text(row, 'family');
}

export function sessionIn(row: Row): string {
  return text(row, 'session_id');
}

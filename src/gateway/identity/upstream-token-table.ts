import { type Row, type Statements, text, type Value } from './statements.ts';

/** Pomerium v0.33.1 internal/mcp/storage.go keys upstream tokens by these three. */
export interface UpstreamTokenKey {
  userId: string;
  routeId: string;
  /** The first `to` of the route, joined with the path of its MCP server. */
  upstreamUrl: string;
}

/** A token of an upstream as it is stored: only the gateway's keys open it. */
export interface SealedUpstreamToken extends UpstreamTokenKey {
  /** Base64. */
  sealed: string;
}

export const PUT_UPSTREAM_TOKEN = `INSERT INTO upstream_tokens (user_id, route_id, upstream_url, sealed) VALUES (?, ?, ?, ?)
  ON CONFLICT (user_id, route_id, upstream_url) DO UPDATE SET sealed = excluded.sealed`;
export const FIND_UPSTREAM_TOKEN =
  'SELECT * FROM upstream_tokens WHERE user_id = ? AND route_id = ? AND upstream_url = ?';
export const DELETE_UPSTREAM_TOKEN =
  'DELETE FROM upstream_tokens WHERE user_id = ? AND route_id = ? AND upstream_url = ?';
export const ALL_UPSTREAM_TOKENS = 'SELECT * FROM upstream_tokens';

export class UpstreamTokenTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  put(token: SealedUpstreamToken): void {
    this.#sql.run(PUT_UPSTREAM_TOKEN, ...upstreamTokenKey(token), token.sealed);
  }

  find(key: UpstreamTokenKey): SealedUpstreamToken | undefined {
    const row = this.#sql.get(FIND_UPSTREAM_TOKEN, ...upstreamTokenKey(key));
    return row && storedUpstreamToken(row);
  }

  allNow(): SealedUpstreamToken[] {
    return this.#sql.all(ALL_UPSTREAM_TOKENS).map(storedUpstreamToken);
  }

  delete(key: UpstreamTokenKey): void {
    this.#sql.run(DELETE_UPSTREAM_TOKEN, ...upstreamTokenKey(key));
  }
}

/** In the order of the statements. */
export function upstreamTokenKey({ userId, routeId, upstreamUrl }: UpstreamTokenKey): Value[] {
  return [userId, routeId, upstreamUrl];
}

export function storedUpstreamToken(row: Row): SealedUpstreamToken {
  return {
    userId: text(row, 'user_id'),
    routeId: text(row, 'route_id'),
    upstreamUrl: text(row, 'upstream_url'),
    sealed: text(row, 'sealed'),
  };
}

import { type Row, type Statements, text, type Value } from './statements.ts';

/** The gateway's own registration at an upstream's authorization server, as it is stored. */
export interface SealedUpstreamClient {
  issuer: string;
  /** The host whose callback was registered, with its port. */
  downstreamHost: string;
  /** Base64. */
  sealed: string;
}

export const PUT_UPSTREAM_CLIENT = `INSERT INTO upstream_clients (issuer, downstream_host, sealed) VALUES (?, ?, ?)
  ON CONFLICT (issuer, downstream_host) DO UPDATE SET sealed = excluded.sealed`;
export const FIND_UPSTREAM_CLIENT = 'SELECT * FROM upstream_clients WHERE issuer = ? AND downstream_host = ?';

export class UpstreamClientTable {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  put(client: SealedUpstreamClient): void {
    this.#sql.run(PUT_UPSTREAM_CLIENT, ...upstreamClientValues(client));
  }

  find(issuer: string, downstreamHost: string): SealedUpstreamClient | undefined {
    const row = this.#sql.get(FIND_UPSTREAM_CLIENT, issuer, downstreamHost);
    return row && storedUpstreamClient(row);
  }
}

/** In the order of PUT_UPSTREAM_CLIENT. */
export function upstreamClientValues({ issuer, downstreamHost, sealed }: SealedUpstreamClient): Value[] {
  return [issuer, downstreamHost, sealed];
}

export function storedUpstreamClient(row: Row): SealedUpstreamClient {
  return { issuer: text(row, 'issuer'), downstreamHost: text(row, 'downstream_host'), sealed: text(row, 'sealed') };
}

import {
  ALL_UPSTREAM_TOKENS,
  FIND_UPSTREAM_TOKEN,
  storedUpstreamToken,
  upstreamTokenKey,
  type SealedUpstreamToken,
  type UpstreamTokenKey,
} from '../upstream-token-table.ts';
import type { Queries } from './pg.ts';

/** The upstream tokens of the database in memory, sealed as they are there, so that a request need not ask for one. */
export class UpstreamTokenMirror {
  /** Changes when another gateway has changed one. */
  version = 0;
  #tokens = new Map<string, SealedUpstreamToken>();

  all(): SealedUpstreamToken[] {
    return [...this.#tokens.values()];
  }

  set(token: SealedUpstreamToken): void {
    this.#tokens.set(nameOf(token), token);
  }

  delete(key: UpstreamTokenKey): void {
    this.#tokens.delete(nameOf(key));
  }

  async load(queries: Queries): Promise<void> {
    const { rows } = await queries.query(ALL_UPSTREAM_TOKENS);
    this.#tokens = new Map(rows.map(storedUpstreamToken).map((token) => [nameOf(token), token]));
    this.version += 1;
  }

  /** Reads again what was announced as changed. */
  async refresh(queries: Queries, name: string): Promise<void> {
    const [userId = '', routeId = '', upstreamUrl = ''] = JSON.parse(name) as string[];
    const { rows } = await queries.query(FIND_UPSTREAM_TOKEN, [userId, routeId, upstreamUrl]);
    const token = rows[0] && storedUpstreamToken(rows[0]);
    if (token?.sealed === this.#tokens.get(name)?.sealed) return;
    if (token) this.#tokens.set(name, token);
    else this.#tokens.delete(name);
    this.version += 1;
  }
}

/** Under which a token is kept and its change announced. */
export function nameOf(key: UpstreamTokenKey): string {
  return JSON.stringify(upstreamTokenKey(key));
}

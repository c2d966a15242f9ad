import type { StateStore } from '../identity/state-store.ts';
import type { SealedUpstreamToken, UpstreamTokenKey } from '../identity/upstream-token-table.ts';
import { renewalDue, type UpstreamToken } from './upstream-token.ts';
import type { Vault } from './vault.ts';

/** A stored token, opened when it is first asked for. */
export class TokenEntry {
  readonly key: UpstreamTokenKey;
  readonly sealed: string;
  readonly #vault: Vault;
  #opened: UpstreamToken | undefined | null = null;
  /** Value of `Authorization`. */
  authorization = '';
  expiresAt = Number.POSITIVE_INFINITY;
  renewAt = Number.POSITIVE_INFINITY;
  /** It could not be stored yet. */
  unsaved = false;

  constructor(key: UpstreamTokenKey, sealed: string, vault: Vault) {
    this.key = key;
    this.sealed = sealed;
    this.#vault = vault;
  }

  /** Undefined: the keys that sealed it are no longer in force. */
  get token(): UpstreamToken | undefined {
    if (this.#opened !== null) return this.#opened;
    const { userId, routeId, upstreamUrl } = this.key;
    const token = this.#vault.open(this.sealed, userId, routeId, upstreamUrl) as UpstreamToken | undefined;
    this.#opened = token;
    if (token) {
      this.authorization = `Bearer ${token.accessToken}`;
      this.expiresAt = token.expiresAt ?? Number.POSITIVE_INFINITY;
      this.renewAt = renewalDue(token);
    }
    return token;
  }

  forgetOpened(): void {
    this.#opened = null;
  }
}

/** Which upstream tokens there are, in memory: a request must not wait for a store to learn that there is none. */
export class TokenIndex {
  readonly #store: StateStore;
  readonly #vault: Vault;
  /** By route, upstream URL, user: three look-ups that allocate nothing. */
  #routes = new Map<string, Map<string, Map<string, TokenEntry>>>();

  constructor(store: StateStore, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
    this.reload();
  }

  hasRoute(routeId: string): boolean {
    return this.#routes.has(routeId);
  }

  get(routeId: string, upstreamUrl: string, userId: string): TokenEntry | undefined {
    return this.#routes.get(routeId)?.get(upstreamUrl)?.get(userId);
  }

  set(entry: TokenEntry): void {
    insert(this.#routes, entry);
  }

  /** An entry for what is to be stored. */
  seal(key: UpstreamTokenKey, token: UpstreamToken): TokenEntry {
    const { userId, routeId, upstreamUrl } = key;
    const sealed = this.#vault.close(token, userId, routeId, upstreamUrl);
    return new TokenEntry({ userId, routeId, upstreamUrl }, sealed, this.#vault);
  }

  /** What the store found under a key; the entry in memory when it is the same. */
  adopt(found: SealedUpstreamToken): TokenEntry {
    const known = this.get(found.routeId, found.upstreamUrl, found.userId);
    if (known?.sealed === found.sealed) return known;
    const { sealed, ...key } = found;
    const entry = new TokenEntry(key, sealed, this.#vault);
    this.set(entry);
    return entry;
  }

  /** Unless another token has taken its place. */
  remove(entry: TokenEntry): void {
    const { routeId, upstreamUrl, userId } = entry.key;
    const urls = this.#routes.get(routeId);
    const users = urls?.get(upstreamUrl);
    if (users?.get(userId) !== entry) return;
    users.delete(userId);
    if (users.size === 0) urls?.delete(upstreamUrl);
    if (urls?.size === 0) this.#routes.delete(routeId);
  }

  /** Another process has written to the store. */
  reload(): void {
    const routes = new Map<string, Map<string, Map<string, TokenEntry>>>();
    for (const row of this.#store.upstreamTokens.allNow()) {
      const known = this.get(row.routeId, row.upstreamUrl, row.userId);
      const { sealed, ...key } = row;
      insert(routes, known?.sealed === sealed ? known : new TokenEntry(key, sealed, this.#vault));
    }
    for (const entry of this.#all()) if (entry.unsaved) insert(routes, entry);
    this.#routes = routes;
  }

  /** The keys have changed. */
  forgetOpened(): void {
    for (const entry of this.#all()) entry.forgetOpened();
  }

  *#all(): Generator<TokenEntry> {
    for (const urls of this.#routes.values()) for (const users of urls.values()) yield* users.values();
  }
}

function insert(routes: Map<string, Map<string, Map<string, TokenEntry>>>, entry: TokenEntry): void {
  const { routeId, upstreamUrl, userId } = entry.key;
  let urls = routes.get(routeId);
  if (!urls) routes.set(routeId, (urls = new Map()));
  let users = urls.get(upstreamUrl);
  if (!users) urls.set(upstreamUrl, (users = new Map()));
  users.set(userId, entry);
}

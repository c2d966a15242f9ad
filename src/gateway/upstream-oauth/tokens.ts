import type { Log } from '../../net/log.ts';
import type { StateStore } from '../identity/state-store.ts';
import type { UpstreamTokenKey } from '../identity/upstream-token-table.ts';
import type { UpstreamHttp } from './http.ts';
import { requestToken, TokenEndpointError } from './token-endpoint.ts';
import type { TokenEntry, TokenIndex } from './token-index.ts';
import { upstreamTokenFrom, type UpstreamToken } from './upstream-token.ts';

/** The token cannot be renewed now; it may be later. */
export class UpstreamTokenUnavailable extends Error {}

export interface TokensOptions {
  store: StateStore;
  index: TokenIndex;
  http: UpstreamHttp;
  log: Log;
}

/**
 * The users' upstream tokens, and their renewal: at most one at a time for a user and an upstream, and everybody waits for the same.
 * Pomerium v0.33.1 internal/mcp/upstream_auth.go.
 */
export class UpstreamTokens {
  readonly #o: TokensOptions;
  readonly #renewals = new Map<string, Promise<TokenEntry | undefined>>();
  readonly #saving = new WeakSet<TokenEntry>();

  constructor(o: TokensOptions) {
    this.#o = o;
  }

  /**
   * The entry whose token may be used now. An expired one is renewed first; undefined: there is none (any more), so that the user has to
   * consent anew. Rejects with UpstreamTokenUnavailable. `clientSecret`: of the route.
   */
  usable(
    entry: TokenEntry,
    clientSecret: string | undefined,
  ): TokenEntry | undefined | Promise<TokenEntry | undefined> {
    if (!entry.token) return undefined;
    const now = Date.now();
    if (now > entry.expiresAt) return this.#renew(entry, clientSecret);
    if (entry.unsaved || now >= entry.renewAt) this.#attend(entry, clientSecret);
    return entry;
  }

  /** Stores a token; the hot path knows it at once. Throws what the store throws. */
  async put(key: UpstreamTokenKey, token: UpstreamToken): Promise<TokenEntry> {
    const { store, index } = this.#o;
    const entry = index.seal(key, token);
    await store.upstreamTokens.put({ ...entry.key, sealed: entry.sealed });
    index.set(entry);
    return entry;
  }

  async delete(key: UpstreamTokenKey): Promise<void> {
    const { store, index } = this.#o;
    const known = index.get(key.routeId, key.upstreamUrl, key.userId);
    await store.upstreamTokens.delete(key);
    if (known) index.remove(known);
  }

  /** What can be done while the token still serves: save it, or have the next one ready. */
  #attend(entry: TokenEntry, clientSecret: string | undefined): void {
    if (entry.unsaved) void this.#save(entry);
    if (Date.now() < entry.renewAt) return;
    // Once only: when it fails, the token is used up to its end, and then renewed in earnest.
    entry.renewAt = Number.POSITIVE_INFINITY;
    this.#renew(entry, clientSecret).catch(() => undefined);
  }

  #renew(entry: TokenEntry, clientSecret: string | undefined): Promise<TokenEntry | undefined> {
    const { userId, routeId, upstreamUrl } = entry.key;
    const name = JSON.stringify([userId, routeId, upstreamUrl]);
    const running = this.#renewals.get(name);
    if (running) return running;
    const renewal = this.#renewOnce(entry, clientSecret)
      .then((found) => (found?.token ? found : undefined))
      .finally(() => this.#renewals.delete(name));
    this.#renewals.set(name, renewal);
    return renewal;
  }

  async #renewOnce(entry: TokenEntry, clientSecret: string | undefined): Promise<TokenEntry | undefined> {
    const { store, index } = this.#o;
    const current = this.#currentOf(entry);
    // A renewal that ended a moment ago, or a new consent.
    if (current !== entry) return current;
    const { token } = entry;
    if (!token?.refreshToken || token.tokenEndpoint === '') return this.#forget(entry, 'expired, no refresh token');
    try {
      return await this.#exchange(entry, token, clientSecret);
    } catch (error) {
      if (!(error instanceof TokenEndpointError) || !error.isPermanent) throw this.#passing(entry, error);
      // Another gateway on the same store may have renewed it meanwhile; then its refresh token is spent, and all is well.
      const stored = await store.upstreamTokens.find(entry.key);
      if (stored && stored.sealed !== entry.sealed) return index.adopt(stored);
      return Date.now() <= entry.expiresAt ? entry : this.#forget(entry, error.message);
    }
  }

  #currentOf({ key }: TokenEntry): TokenEntry | undefined {
    return this.#o.index.get(key.routeId, key.upstreamUrl, key.userId);
  }

  async #exchange(
    entry: TokenEntry,
    token: UpstreamToken,
    clientSecret: string | undefined,
  ): Promise<TokenEntry | undefined> {
    const response = await requestToken(this.#o.http, token.tokenEndpoint, {
      grant_type: 'refresh_token',
      refresh_token: token.refreshToken,
      client_id: token.clientId,
      client_secret: clientSecret,
      resource: token.resource || entry.key.upstreamUrl,
    });
    // Disconnected, or connected anew, while the authorization server took its time.
    if (this.#currentOf(entry) !== entry) return this.#currentOf(entry);
    const next = upstreamTokenFrom(response, token);
    if (next.refreshToken === undefined && token.refreshToken !== undefined) next.refreshToken = token.refreshToken;
    const renewed = this.#o.index.seal(entry.key, next);
    // The old refresh token may be spent: from here on the new one must not be lost, whatever the store says.
    this.#o.index.set(renewed);
    renewed.unsaved = true;
    await this.#save(renewed);
    return renewed;
  }

  async #save(entry: TokenEntry): Promise<void> {
    if (this.#saving.has(entry)) return;
    this.#saving.add(entry);
    try {
      await this.#o.store.upstreamTokens.put({ ...entry.key, sealed: entry.sealed });
      entry.unsaved = false;
    } catch (error) {
      const message = 'mcp_upstream_auth: the refreshed token could not be stored; it is kept in memory';
      this.#tell('error', message, entry, error);
    } finally {
      this.#saving.delete(entry);
    }
  }

  async #forget(entry: TokenEntry, reason: string): Promise<TokenEntry | undefined> {
    const current = this.#currentOf(entry);
    if (current && current !== entry) return current;
    this.#tell('warn', 'mcp_upstream_auth: upstream token cleared, the user has to consent anew', entry, reason);
    try {
      await this.delete(entry.key);
    } catch (error) {
      this.#tell('error', 'mcp_upstream_auth: failed to delete stale token', entry, error);
    }
    return undefined;
  }

  #passing(entry: TokenEntry, error: unknown): UpstreamTokenUnavailable {
    const message = 'mcp_upstream_auth: transient upstream token refresh failure, preserving cached token';
    this.#tell('warn', message, entry, error);
    const reason = error instanceof Error ? error.message : String(error);
    return new UpstreamTokenUnavailable(`refreshing upstream token: ${reason}`, { cause: error });
  }

  #tell(level: 'warn' | 'error', message: string, { key }: TokenEntry, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const where = { 'user-id': key.userId, 'route-id': key.routeId, 'upstream-server': key.upstreamUrl };
    this.#o.log({ level, message, ...where, error: reason });
  }
}

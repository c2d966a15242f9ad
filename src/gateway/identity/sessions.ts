import type { Log } from '../../net/log.ts';
import type { Session } from '../../pomerium/model.ts';
import { Generations } from './generations.ts';
import { createToken, openToken, trimPrefix, type OpaqueToken } from './opaque-token.ts';
import type { Secret } from './secret.ts';
import { openHandle, type SessionHandle } from './session-handle.ts';
import type { StoredSession } from './session-table.ts';
import type { Awaitable, StateStore } from './state-store.ts';

/** Milliseconds; Pomerium v0.33.1 authorize/evaluator/headers_evaluator_evaluation.go. */
const CLIENT_ROUTE_LIFE = 300_000;
/** Credentials remembered as opened, of each kind. */
const REMEMBERED = 10_000;
/** Milliseconds after which a change made by another process on the same file is seen at the latest. */
const FOREIGN_CHECK = 250;

/** Who is behind a token or a cookie, answered from memory; the store is asked once for each session. */
export class Sessions {
  readonly #log: Log;
  readonly #store: StateStore;
  readonly #secret: Secret;
  readonly #prefix: string;
  readonly #onForeignWrite: () => void;
  readonly #live = new Map<string, Session>();
  readonly #tokens = new Generations<OpaqueToken>(REMEMBERED);
  readonly #handles = new Generations<SessionHandle>(REMEMBERED);
  #foreignVersion: number;
  #checkedAt = 0;

  /** `onForeignWrite`: what else is remembered of the store has to be read again. `prefix`: what External Tokens begin with. */
  constructor(store: StateStore, secret: Secret, log: Log, onForeignWrite = (): void => undefined, prefix = '') {
    this.#log = log;
    this.#prefix = prefix;
    this.#onForeignWrite = onForeignWrite;
    this.#store = store;
    this.#secret = secret;
    this.#foreignVersion = store.foreignVersion();
  }

  /** Forgets what was opened with keys that are no longer in force. */
  forgetOpened(): void {
    this.#tokens.clear();
    this.#handles.clear();
  }

  /** `bound`: what the token has to be sealed to; the same token may be remembered under each. */
  ofToken(token: string, bound = ''): Session | undefined {
    const { tokens: key } = this.#secret.keys();
    const name = bound === '' ? token : `${bound} ${token}`;
    let opened = this.#tokens.get(name);
    if (opened === undefined) {
      opened = openToken(key, 'access', trimPrefix(token, this.#prefix), bound);
      if (opened === undefined) return undefined;
      this.#tokens.set(name, opened);
    }
    const now = Date.now();
    return opened.expiresAt > now ? this.#find(opened.id, now) : undefined;
  }

  /** The handle in a cookie's value, whether or not its session still lives. */
  handleOf(cookie: string | undefined): SessionHandle | undefined {
    if (cookie === undefined) return undefined;
    const { cookies: key } = this.#secret.keys();
    const known = this.#handles.get(cookie);
    if (known) return known;
    const opened = openHandle(key, cookie);
    if (opened) this.#handles.set(cookie, opened);
    return opened;
  }

  ofCookie(cookie: string | undefined): Session | undefined {
    const handle = this.handleOf(cookie);
    return handle ? this.#find(handle.id, Date.now()) : undefined;
  }

  /** An External Token for a session; it lives as long as the session does. */
  createToken({ id, expiresAt }: Session, bound = ''): string {
    return this.#prefix + createToken(this.#secret.keys().tokens, 'access', { id, expiresAt }, bound);
  }

  /** A token for the application behind a client route. */
  createShortToken({ id, expiresAt }: Session, bound = ''): string {
    const end = Math.min(expiresAt, Date.now() + CLIENT_ROUTE_LIFE);
    return this.#prefix + createToken(this.#secret.keys().tokens, 'access', { id, expiresAt: end }, bound);
  }

  add(session: StoredSession): Awaitable<void> {
    return this.#store.sessions.add(session);
  }

  async end(id: string): Promise<void> {
    await this.#store.endSession(id);
    this.#live.delete(id);
  }

  /** Pomerium v0.33.1 takes everybody for a stranger while its store cannot be read; so the request goes on. */
  #find(id: string, now: number): Session | undefined {
    try {
      return this.#findLive(id, now);
    } catch (error) {
      this.#log({ level: 'error', message: 'the state cannot be read: nobody is known', error: String(error) });
      return undefined;
    }
  }

  #findLive(id: string, now: number): Session | undefined {
    if (now - this.#checkedAt >= FOREIGN_CHECK || now < this.#checkedAt) this.#checkForeignWrites(now);
    const live = this.#live.get(id);
    if (live === undefined) return this.#load(id);
    if (live.expiresAt > now) return live;
    this.#live.delete(id);
    return undefined;
  }

  #load(id: string): Session | undefined {
    const session = this.#store.sessions.findNow(id);
    if (!session) return undefined;
    if (this.#live.size >= REMEMBERED) this.#live.clear();
    this.#live.set(id, session);
    return session;
  }

  #checkForeignWrites(now: number): void {
    this.#checkedAt = now;
    const version = this.#store.foreignVersion();
    if (version === this.#foreignVersion) return;
    this.#foreignVersion = version;
    this.#live.clear();
    this.#onForeignWrite();
  }
}

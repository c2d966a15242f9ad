import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../net/log.ts';
import { storedSession, withoutProviderTokens } from '../session-table.ts';
import { StoreUnavailable } from '../state-store.ts';
import type { Session } from '../../../pomerium/model.ts';
import type { Database, Listener, Queries } from './pg.ts';
import { migrate, SchemaTooNew } from './schema.ts';
import type { SessionMirror } from './session-mirror.ts';
import type { UpstreamTokenMirror } from './upstream-token-mirror.ts';

const CHANNEL = 'mcpgw_sessions';
/** Milliseconds between two attempts to connect: the first, and the most. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 1_000;
/** Milliseconds between two looks whether a silent server is still there. */
const HEARTBEAT = 2_000;
/** Milliseconds after which a failure that goes on is told again. */
const REMIND = 30_000;

const SELECT =
  'SELECT id, user_id, email, name, claims, idp_id, issued_at, expires_at FROM sessions WHERE expires_at > ?';

const SIGNS = { began: '+', ended: '-', token: '*' };

/** Tells every gateway on the database, this one included, that a session began or ended, or an upstream token changed. */
export async function announce(queries: Queries, change: keyof typeof SIGNS, name: string): Promise<void> {
  await queries.query('SELECT pg_notify(?, ?)', [CHANNEL, `${SIGNS[change]}${name}`]);
}

/** Keeps the mirrors like the database, and connects again whenever the connection is lost. */
export class SessionFeed {
  /** Resolves when the first attempt to connect has ended. */
  readonly firstAttempt: Promise<void>;
  readonly #database: Database;
  readonly #mirror: SessionMirror;
  readonly #tokens: UpstreamTokenMirror;
  readonly #log: Log;
  readonly #closing = new AbortController();
  #failure: string | undefined = 'not connected yet';
  #schemaFailure: string | undefined;
  #told = { text: '', at: 0 };
  #listener: Listener | undefined;

  constructor(database: Database, mirror: SessionMirror, tokens: UpstreamTokenMirror, log: Log) {
    this.#database = database;
    this.#mirror = mirror;
    this.#tokens = tokens;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.firstAttempt = promise;
    void this.#run(resolve);
  }

  failure(): string | undefined {
    return this.#failure;
  }

  /** Throws StoreUnavailable while a newer version's schema is there. */
  assertUsable(): void {
    if (this.#schemaFailure !== undefined) throw new StoreUnavailable(this.#schemaFailure);
  }

  close(): void {
    this.#closing.abort();
    this.#listener?.end();
  }

  async #run(attempted: () => void): Promise<void> {
    const { signal } = this.#closing;
    let [delay, before] = [FIRST_DELAY, 'error initializing pool for notifications: error starting transaction'];
    while (!signal.aborted) {
      try {
        const listener = await this.#begin();
        attempted();
        [delay, before] = [FIRST_DELAY, 'error acquiring connection from pool for notifications'];
        const reason = await this.#untilGone(listener);
        if (!signal.aborted) this.#fail(`error receiving notification: ${reason}`);
      } catch (error) {
        this.#fail(`${before}: ${error instanceof Error ? error.message : String(error)}`);
        attempted();
      }
      this.#listener?.end();
      await wait(delay, undefined, { signal }).catch(() => undefined);
      delay = Math.min(delay * 2, LONGEST_DELAY);
    }
  }

  /** Listens first and reads then, so that nothing is missed in between. */
  async #begin(): Promise<Listener> {
    const listener = await this.#database.connect();
    this.#listener = listener;
    if (this.#closing.signal.aborted) throw new Error('closed');
    await this.#migrate(listener);
    const loaded = Promise.withResolvers<void>();
    let queue: Promise<void> = loaded.promise;
    listener.onNotification((payload) => {
      // One after the other: an end must not be overtaken by the beginning before it.
      queue = queue.then(async () => this.#apply(listener, payload)).catch(() => listener.end());
    });
    await listener.query(`LISTEN ${CHANNEL}`);
    const { rows } = await listener.query(SELECT, [Date.now()]);
    this.#mirror.replace(rows.map((row) => withoutProviderTokens(storedSession(row))));
    await this.#tokens.load(listener);
    loaded.resolve();
    this.#failure = undefined;
    this.#told = { text: '', at: 0 };
    this.#log({ level: 'info', message: 'storage/postgres: connected', sessions: rows.length });
    return listener;
  }

  async #migrate(listener: Listener): Promise<void> {
    try {
      await migrate(listener);
      this.#schemaFailure = undefined;
    } catch (error) {
      if (error instanceof SchemaTooNew) this.#schemaFailure = error.message;
      throw error;
    }
  }

  async #apply(listener: Listener, payload: string): Promise<void> {
    const id = payload.slice(1);
    if (payload.startsWith('*')) await this.#tokens.refresh(listener, id);
    else if (payload.startsWith('-')) this.#mirror.delete(id);
    else if (!this.#mirror.has(id)) {
      const session = await readSession(listener, id);
      if (session) this.#mirror.set(session);
    }
  }

  async #untilGone(listener: Listener): Promise<string> {
    const beat = setInterval(() => void listener.query('SELECT 1').catch(() => listener.end()), HEARTBEAT);
    beat.unref();
    try {
      return await listener.gone;
    } finally {
      clearInterval(beat);
    }
  }

  #fail(text: string): void {
    if (this.#closing.signal.aborted) return;
    this.#failure = text;
    const now = Date.now();
    if (text === this.#told.text && now - this.#told.at < REMIND) return;
    this.#told = { text, at: now };
    this.#log({ level: 'error', message: 'storage/postgres', error: text });
  }
}

async function readSession(queries: Queries, id: string): Promise<Session | undefined> {
  const { rows } = await queries.query(`${SELECT} AND id = ?`, [Date.now(), id]);
  return rows[0] && withoutProviderTokens(storedSession(rows[0]));
}

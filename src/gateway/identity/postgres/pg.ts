import type { Client, Pool, PoolClient } from 'pg';
import type { Row, Value } from '../statements.ts';
import { connectionFailure, queryFailure } from './failure.ts';
import type { Target } from './target.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const QUERY_TIMEOUT = 5_000;
const IDLE_TIMEOUT = 30_000;
const MOST_CONNECTIONS = 10;

export interface Result {
  rows: Row[];
  /** Rows that a statement changed. */
  changed: number;
}

/** Runs statements with `?` for each value. Failures are errors in Pomerium's words, StoreUnavailable when they may pass. */
export interface Queries {
  query(sql: string, values?: readonly Value[]): Promise<Result>;
}

/** A connection of its own that hears notifications. */
export interface Listener extends Queries {
  onNotification(handler: (payload: string) => void): void;
  /** Resolves, with the reason, when the connection is gone. */
  gone: Promise<string>;
  end(): void;
}

export interface Database extends Queries {
  /** Runs `work` as one unit: all of it is stored, or, when it throws, nothing. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  connect(): Promise<Listener>;
  close(): Promise<void>;
}

/**
 * A pool of connections to a PostgreSQL server; nothing is connected yet. `findTarget` may throw, and is asked again then; `assertUsable`
 * may throw to keep statements from a database that is not for them. The only file that knows the library.
 */
export function openPool(findTarget: () => Target, assertUsable: () => void): Database {
  let opened: Promise<Pool> | undefined;
  const withClient = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    assertUsable();
    const target = findTarget();
    opened ??= createPool(target);
    const client = await (await opened).connect().catch((error: unknown) => {
      throw connectionFailure(error, target);
    });
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // Whatever state it is in: the next one gets a fresh connection.
      client.release(true);
      throw error;
    }
  };
  return {
    query: async (sql, values) => withClient(async (client) => query(client, sql, values)),
    transaction: async (work) =>
      withClient(async (client) => {
        await query(client, 'BEGIN');
        const result = await work({ query: async (sql, values) => query(client, sql, values) });
        await query(client, 'COMMIT');
        return result;
      }),
    connect: async () => connect(findTarget()),
    close: async () => {
      const pool = await opened;
      if (pool && !pool.ended) await pool.end();
    },
  };
}

async function createPool(target: Target): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({ ...settings(target), max: MOST_CONNECTIONS, idleTimeoutMillis: IDLE_TIMEOUT });
  // An idle connection that breaks is replaced when it is needed; who listens tells of it. One in use fails its statement, and
  // says so once more as an event that nobody else hears.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function connect(target: Target): Promise<Listener> {
  const { default: pg } = await import('pg');
  const client: Client = new pg.Client(settings(target));
  const gone = Promise.withResolvers<string>();
  client.on('error', (error) => gone.resolve(queryFailure(error).message));
  client.on('end', () => gone.resolve('the server closed the connection'));
  try {
    await client.connect();
  } catch (error) {
    end(client);
    throw connectionFailure(error, target);
  }
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: a connection runs one statement at a time.
    query: async (sql, values) => {
      const result = last.then(async () => query(client, sql, values));
      last = result.catch(() => undefined);
      return result;
    },
    onNotification: (handler) => void client.on('notification', ({ payload }) => handler(payload ?? '')),
    gone: gone.promise,
    end: () => end(client),
  };
}

/** Not waited for: a server that is away would not answer. */
function end(client: Client): void {
  client.end().catch(() => undefined);
}

function settings({ url }: Target) {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    query_timeout: QUERY_TIMEOUT,
    keepAlive: true,
    application_name: 'mcpgw',
    options: '-c search_path=mcpgw',
  };
}

async function query(client: Client | PoolClient, sql: string, values: readonly Value[] = []): Promise<Result> {
  let n = 0;
  const numbered = values.length === 0 ? sql : sql.replaceAll('?', () => `$${++n}`);
  try {
    const { rows, rowCount } = await client.query<Row>(numbered, values.map(storable));
    return { rows, changed: rowCount ?? 0 };
  } catch (error) {
    throw queryFailure(error);
  }
}

/** PostgreSQL's text has no NUL; nothing that is rightly stored has one either. */
function storable(value: Value): Value {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value;
}

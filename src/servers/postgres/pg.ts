import type { Pool, PoolClient } from 'pg';
import { withLibpqTls } from './connection-string.ts';
import { asReadFailure } from './failure.ts';
import type { PostgresLimits } from './limits.ts';
import { Portal, type PortalResult } from './portal.ts';
import { orStopped, Stopped } from './stopped.ts';

/** Milliseconds. */
const CONNECT_TIMEOUT = 5_000;
const IDLE_TIMEOUT = 30_000;
const LOCK_TIMEOUT = 2_000;
/** Over the statement's own limit, after which a server that does not keep it is no longer waited for. */
const OVERTIME = 2_000;

export interface Statement {
  sql: string;
  values?: readonly string[];
}

export interface Database {
  /** Runs one statement that may only read. Throws ReadFailure; a caller that is gone stops the statement on the server. */
  read(statement: Statement, signal: AbortSignal): Promise<PortalResult>;
  close(): Promise<void>;
}

/** A pool of connections to a PostgreSQL server; nothing is connected yet. The only file that knows the library. */
export function openDatabase(connectionString: string, limits: PostgresLimits): Database {
  let opened: Promise<Pool> | undefined;
  return {
    async read(statement, signal) {
      const pool = await (opened ??= createPool(connectionString, limits));
      try {
        signal.throwIfAborted();
        return await readOnce(pool, statement, limits, signal);
      } catch (error) {
        throw asReadFailure(error, limits);
      }
    },
    async close() {
      const pool = await opened;
      if (pool && !pool.ending) await pool.end();
    },
  };
}

async function createPool(connectionString: string, { connections }: PostgresLimits): Promise<Pool> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: withLibpqTls(connectionString),
    max: connections,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    idleTimeoutMillis: IDLE_TIMEOUT,
    keepAlive: true,
    application_name: 'mcpgw serve postgres',
  });
  // An idle connection that breaks is replaced when it is needed. One in use may break between two statements: the next one says so.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function readOnce(
  pool: Pool,
  { sql, values = [] }: Statement,
  limits: PostgresLimits,
  signal: AbortSignal,
): Promise<PortalResult> {
  const client = await pool.connect();
  let pid: number | undefined;
  try {
    pid = await begin(client, limits);
    const portal = client.query(new Portal(sql, values, { rows: limits.rows, characters: limits.bytes * 2 }));
    const { stream } = client.connection;
    const result = await orStopped(portal.done, { signal, timeout: limits.timeout + OVERTIME, stream });
    await end(client);
    client.release();
    return result;
  } catch (error) {
    const isBroken = error instanceof Stopped || !(await ended(client));
    client.release(isBroken);
    if (isBroken && pid !== undefined) await cancel(pool, pid);
    throw error;
  }
}

/**
 * The SELECT takes the transaction's snapshot, after which PostgreSQL lets nobody make it READ WRITE. Answers the process that serves
 * this connection.
 */
async function begin(client: PoolClient, { timeout }: PostgresLimits): Promise<number> {
  await client.query(
    `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; BEGIN TRANSACTION READ ONLY;
     SET LOCAL statement_timeout = ${timeout}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT};
     SET LOCAL idle_in_transaction_session_timeout = ${timeout + OVERTIME}`,
  );
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

/** Leaves nothing for the next caller: no setting, prepared statement, lock or temporary table. */
async function end(client: PoolClient): Promise<void> {
  await client.query('ROLLBACK');
  await client.query('DISCARD ALL');
}

async function ended(client: PoolClient): Promise<boolean> {
  return end(client).then(
    () => true,
    () => false,
  );
}

/** A server goes on with a query whose connection is gone until it has something to send; this stops it now. */
async function cancel(pool: Pool, pid: number): Promise<void> {
  // By now another program may be served under that number.
  const isOurs = "application_name = current_setting('application_name')";
  const sql = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND ${isOurs}`;
  // A pool that is closing or has no connection free leaves it to the statement's time limit.
  await pool.query(sql, [pid]).catch(() => undefined);
}

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PostgresServer } from '../../../docker/postgres.ts';
import { startServers, type RunningServer } from '../../../../src/servers/index.ts';
import { callTool } from '../helpers.ts';
import { findPostgres, prepare, rows, servePostgres } from './served-postgres.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

interface Shared {
  running: RunningServer;
  sql: (statement: string) => Promise<string>;
}

let found: { server?: PostgresServer; reason?: string } = {};
let shared: Shared | undefined;
beforeAll(async () => {
  found = await findPostgres();
  if (!found.server) return;
  // One database for all: what is refused leaves nothing behind. It is read as its owner, a superuser, whom no grant holds back.
  const { url, sql } = await prepare(found.server);
  const running = await startServers({
    servers: { postgres: { connectionString: url, limits: {} } },
    listen: { host: '127.0.0.1', port: 0 },
    allowedHosts: [],
    allowedOrigins: [],
    log: () => undefined,
  });
  shared = { running, sql };
});
afterAll(async () => {
  await shared?.running.close();
  await found.server?.remove();
});

const STATE = `SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM pg_class), (SELECT last_value FROM counter),
  (SELECT count(*) FROM pg_roles), (SELECT count(*) FROM pg_database)`;

describe('nothing is changed by', () => {
  test.for([
    // Words that do not read.
    'DELETE FROM notes',
    "INSERT INTO notes VALUES (9, 'x')",
    'DROP TABLE notes',
    'CREATE TABLE t (a int)',
    'CREATE TEMP TABLE t (a int)',
    'TRUNCATE notes',
    'COMMIT',
    'ROLLBACK',
    'SET TRANSACTION READ WRITE',
    'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
    'DO $$ BEGIN DELETE FROM notes; END $$',
    'DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; DELETE FROM notes; END $$',
    "COPY notes TO PROGRAM 'cat > /tmp/stolen'",
    "COPY notes FROM PROGRAM 'echo 9 nine'",
    'CALL nosuch()',
    'LOCK TABLE notes',
    'VACUUM',
    'PREPARE p AS DELETE FROM notes',
    'REFRESH MATERIALIZED VIEW nosuch',
    '',
    ' -- nothing',
    '/* SELECT */ DELETE FROM notes',
    '/* /* */ SELECT */ DELETE FROM notes',
    // Statements in a row.
    'SELECT 1; DELETE FROM notes',
    'SELECT 1; COMMIT; DELETE FROM notes',
    'SELECT 1;;DROP TABLE notes;',
    // Statements that read and write.
    'WITH gone AS (DELETE FROM notes RETURNING *) SELECT * FROM gone',
    "WITH new AS (INSERT INTO notes VALUES (9, 'x') RETURNING *) SELECT * FROM new",
    'SELECT * INTO copy FROM notes',
    'SELECT * FROM notes FOR UPDATE',
    'EXPLAIN ANALYZE DELETE FROM notes',
    'EXPLAIN (ANALYZE) CREATE TABLE t AS SELECT 1',
    'EXPLAIN ANALYZE SELECT * INTO copy FROM notes',
    // Functions that write.
    "SELECT nextval('counter')",
    "SELECT setval('counter', 99)",
    "SELECT lo_from_bytea(0, 'x')",
    'SELECT lo_create(0)',
    "SELECT query_to_xml('DELETE FROM notes RETURNING 1', true, true, '')",
    "SELECT query_to_xml('COPY notes TO PROGRAM ''cat''', true, true, '')",
    // Ways out of the transaction.
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT set_config('transaction_read_only', 'off', true), query_to_xml('DELETE FROM notes RETURNING 1', true, true, '')",
  ])('%s', async (query, { skip }) => {
    const { running, sql } = shared ?? skip(found.reason);
    const before = await sql(STATE);
    const url = `http://127.0.0.1:${running.address.port}/postgres`;
    const { isError, texts } = await callTool(url, 'query', { query });
    expect(isError, texts[0]).toBe(true);
    expect(await sql(STATE)).toBe(before);
  });
});

test('nothing of a query is left for the next one', async ({ skip }) => {
  const { query } = await servePostgres(found.server ?? skip(found.reason));
  const settings = `SELECT current_setting('work_mem') AS mem, current_setting('default_transaction_read_only') AS ro,
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks, current_user AS role`;
  const before = rows(await query(settings));
  expect(
    (
      await query(`SELECT set_config('work_mem', '64kB', false), set_config('default_transaction_read_only', 'off', false),
    set_config('role', 'pg_monitor', false), pg_advisory_lock(1)`)
    ).isError,
  ).toBe(false);
  for (let i = 0; i < 6; i += 1) expect(rows(await query(settings))).toEqual(before);
});

test('a transaction is read-only although the database says otherwise', async ({ skip }) => {
  const { query, sql, owner } = await servePostgres(found.server ?? skip(found.reason));
  await sql(`ALTER DATABASE ${new URL(owner).pathname.slice(1)} SET default_transaction_read_only = off`);
  expect(rows(await query(`SELECT current_setting('transaction_read_only') AS ro`))).toEqual([{ ro: 'on' }]);
});

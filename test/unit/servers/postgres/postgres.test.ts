import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { PostgresServer } from '../../../docker/postgres.ts';
import { callTool, messageOf, post, startTestServers } from '../helpers.ts';
import { findPostgres, rows, servePostgres, type ServedPostgres } from './served-postgres.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let found: { server?: PostgresServer; reason?: string } = {};
beforeAll(async () => {
  found = await findPostgres();
});
afterAll(async () => found.server?.remove());

type Skip = (reason?: string) => never;

async function served(
  skip: Skip,
  ...options: Parameters<typeof servePostgres> extends [unknown, ...infer R] ? R : never
): Promise<ServedPostgres> {
  return found.server ? servePostgres(found.server, ...options) : skip(found.reason);
}

const ACTIVE = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mcpgw serve postgres' AND state = 'active' AND datname = current_database()`;

describe('the tools', () => {
  test('list schemas and tables, and describe a table with its keys', async ({ skip }) => {
    const { tool } = await served(skip);
    expect(rows(await tool('list_schemas'))).toEqual([
      { name: 'public', description: 'standard public schema' },
      { name: 'shop', description: null },
    ]);
    expect(rows(await tool('list_tables', { schema: 'shop' }))).toEqual([
      { schema: 'shop', name: 'orders', kind: 'table', estimated_rows: null, description: 'What was bought' },
    ]);
    expect(rows(await tool('list_tables'))).toHaveLength(4);
    expect(rows(await tool('describe_table', { table_name: 'notes' }))).toEqual([
      {
        name: 'id',
        type: 'integer',
        nullable: false,
        default: null,
        primary_key: true,
        references: null,
        description: null,
      },
      {
        name: 'text',
        type: 'character varying(20)',
        nullable: false,
        default: "'x'::character varying",
        primary_key: false,
        references: null,
        description: null,
      },
    ]);
    expect(rows(await tool('describe_table', { table_name: 'orders', schema: 'shop' }))).toMatchObject([
      { name: 'id', primary_key: true },
      { name: 'note', references: 'FOREIGN KEY (note) REFERENCES notes(id)' },
    ]);
    for (const table_name of ['orders', 'nosuch', "x'; DROP TABLE notes; --", 'pg_authid']) {
      expect(rows(await tool('describe_table', { table_name, schema: 'public' }))).toEqual([]);
    }
  });

  test('show a role only what it may read', async ({ skip }) => {
    const { tool, query } = await served(skip, {}, 'reader');
    const names = (rows(await tool('list_tables')) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(['loud', 'notes', 'orders']);
    expect(rows(await tool('describe_table', { table_name: 'hidden' }))).toEqual([]);
    expect((await query('SELECT * FROM hidden')).texts).toEqual([
      'Error executing query: permission denied for table hidden (42501)',
    ]);
  });

  test('write values as JSON that loses nothing', async ({ skip }) => {
    const { query } = await served(skip);
    const { texts } =
      await query(`SELECT 9007199254740993::bigint AS big, 1.50::numeric AS n, 'NaN'::float8 AS nan, true AS yes,
      NULL AS nothing, '{"a": [1, "<b>"]}'::jsonb AS j, '\\x00ff'::bytea AS bytes, ARRAY[1,2] AS list, '2026-01-02'::date AS day,
      'a' AS same, 'b' AS same, E'tab\\t<"' AS text, 1e300::float8 AS far`);
    expect(texts[0]).toContain('"big": 9007199254740993');
    expect(texts[0]).toContain('"n": 1.50');
    expect(texts[0]).not.toContain('<');
    expect(JSON.parse(texts[0] ?? '')).toEqual([
      {
        big: Number('9007199254740993'),
        n: 1.5,
        nan: 'NaN',
        yes: true,
        nothing: null,
        j: { a: [1, '<b>'] },
        bytes: 'BYTEA data (length 2)',
        list: '{1,2}',
        day: '2026-01-02',
        same: 'a',
        'same:1': 'b',
        text: 'tab\t<"',
        far: 1e300,
      },
    ]);
  });

  test('answer queries that begin with other words than SELECT, and with comments', async ({ skip }) => {
    const { query } = await served(skip);
    for (const sql of [
      'WITH x AS (SELECT 1 AS a) SELECT a FROM x',
      'VALUES (1)',
      'TABLE notes',
      'SHOW server_version',
      '-- hello\n/* you */ ((SELECT 1)) -- end',
      'SELECT 1;',
    ]) {
      expect((await query(sql)).isError, sql).toBe(false);
    }
    expect(rows(await query('SELECT * FROM notes WHERE false'))).toEqual([]);
  });

  test('explain a query without running it', async ({ skip }) => {
    const { tool } = await served(skip);
    const { texts } = await tool('explain_query', { query: 'SELECT pg_sleep(60), * FROM notes' });
    expect(texts[0]).toContain('Seq Scan on notes');
    for (const query of ['ANALYZE SELECT 1', '(ANALYZE) SELECT 1', 'DELETE FROM notes']) {
      expect((await tool('explain_query', { query })).texts[0]).toContain('Only SELECT queries are allowed');
    }
  });

  test('tell what is wrong with a query in the server’s words', async ({ skip }) => {
    const { query, tool } = await served(skip);
    expect((await query('SELECT nosuch FROM notes')).texts).toEqual([
      'Error executing query: column "nosuch" does not exist (42703)',
    ]);
    expect((await query('SELECT $1')).texts[0]).toContain('(08P01)');
    expect((await query('SELECT 1/0')).texts).toEqual(['Error executing query: division by zero (22012)']);
    expect((await query('SELECT 1\0; DELETE')).texts).toEqual([
      'Error executing query: the query has a NUL character in it',
    ]);
    // A connection serves on after an error.
    expect((await tool('query', { query: 'SELECT 1 AS a' })).isError).toBe(false);
  });

  test('are declared as reading', async ({ skip }) => {
    const { servers } = await served(skip);
    const reply = (await messageOf(
      await post(`${servers.url}/postgres`, { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    )) as unknown as {
      result: { tools: { name: string; annotations: unknown }[] };
    };
    expect(reply.result.tools.map(({ name }) => name)).toEqual([
      'describe_table',
      'explain_query',
      'list_schemas',
      'list_tables',
      'query',
    ]);
    for (const { annotations } of reply.result.tools) expect(annotations).toMatchObject({ readOnlyHint: true });
  });
});

describe('limits', () => {
  test('stop at whole rows, and say that there are more', async ({ skip }) => {
    const { query } = await served(skip, { rows: 120 });
    const { texts } = await query('SELECT generate_series(1, 1000000000) AS i');
    expect(JSON.parse(texts[0] ?? '')).toHaveLength(120);
    expect(texts[1]).toContain('the first 120 rows are shown, the limit is 120 rows');
    expect((await query('SELECT i FROM generate_series(1, 120) i')).texts).toHaveLength(1);
  });

  test('stop at the bytes of an answer, and cut long texts', async ({ skip }) => {
    const { query } = await served(skip, { bytes: 5_000 });
    const many = await query(`SELECT i, repeat('x', 1000) AS t FROM generate_series(1, 1000000) i`);
    expect(JSON.parse(many.texts[0] ?? '')).toHaveLength(4);
    expect(many.texts[1]).toContain('the limit is 5000 bytes');
    const [row] = rows(await query(`SELECT repeat('x', 1000000) AS t`)) as { t: string }[];
    expect(row?.t).toMatch(/^x+\.\.\. \(cut, 1000000 characters in all\)$/);
  });

  test('a value that is too large ends the query and not the server', async ({ skip }) => {
    const { query } = await served(skip);
    expect((await query(`SELECT repeat('x', 200000000)`)).texts).toEqual([
      'Error executing query: a value is too large; ask for a part of it',
    ]);
    expect(rows(await query('SELECT 1 AS a'))).toEqual([{ a: 1 }]);
  });

  test('a slow query is stopped, also when it lifts the limit', async ({ skip }) => {
    const { query, sql } = await served(skip, { timeout: 500 });
    const slow = 'Error executing query: the query took longer than 0.5 s and was stopped';
    expect((await query('SELECT pg_sleep(60)')).texts).toEqual([slow]);
    expect((await query(`SELECT set_config('statement_timeout', '0', false), pg_sleep(60)`)).texts).toEqual([slow]);
    expect((await query('SELECT count(*) FROM generate_series(1, 10000000000)')).texts).toEqual([slow]);
    await expect.poll(async () => sql(ACTIVE)).toBe('0');
  });

  test('a client that goes away takes its query with it', async ({ skip }) => {
    const { tool, sql } = await served(skip, { timeout: 120_000, connections: 1 });
    const abort = new AbortController();
    const call = tool('query', { query: 'SELECT count(*) FROM generate_series(1, 100000000000)' }, abort.signal);
    await expect.poll(async () => sql(ACTIVE), { timeout: 10_000 }).toBe('1');
    abort.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(async () => sql(ACTIVE), { timeout: 10_000 }).toBe('0');
    expect((await tool('query', { query: 'SELECT 1' })).isError).toBe(false);
  });
});

describe('the server', () => {
  test('says in its log that a superuser is not held back, and nothing about a role that reads', async ({ skip }) => {
    const owner = await served(skip);
    const reader = await served(skip, {}, 'reader');
    await expect
      .poll(() => owner.servers.log)
      .toContainEqual(expect.objectContaining({ level: 'warn', reason: expect.stringContaining('superuser') }));
    await reader.query('SELECT 1');
    expect(reader.servers.log.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  test('outlives connections that are ended at any moment', async ({ skip }) => {
    const { query, sql } = await served(skip);
    const kill = `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity, generate_series(1, 300), pg_sleep(0.005)
      WHERE application_name = 'mcpgw serve postgres' AND datname = current_database()`;
    const killing = Promise.all(Array.from({ length: 8 }, async () => sql(kill)));
    const calls = Array.from({ length: 200 }, async (_, i) => query(`SELECT ${i} AS i`));
    for (const { texts, isError } of await Promise.all(calls)) {
      if (isError) expect(texts[0]).toMatch(/^Error executing query: /);
    }
    await killing;
    expect((await query('SELECT 1')).isError).toBe(false);
  });

  test('serves on when the database was away', async ({ skip }) => {
    const postgres = found.server ?? skip(found.reason);
    const { query } = await servePostgres(postgres);
    expect((await query('SELECT 1')).isError).toBe(false);
    await postgres.stop();
    onTestFinished(async () => postgres.start());
    const away = await query('SELECT 1');
    expect(away.isError).toBe(true);
    await postgres.start();
    await expect.poll(async () => (await query('SELECT 1')).isError, { timeout: 10_000 }).toBe(false);
  });
});

test('a database that is not there is told without its address and password', async () => {
  const { url, log } = await startTestServers({
    postgres: { connectionString: 'postgresql://reader:s3cret@127.0.0.1:1/shop', limits: {} },
  });
  const { texts } = await callTool(`${url}/postgres`, 'list_tables');
  expect(texts).toEqual(['Error executing query: the database cannot be reached (ECONNREFUSED)']);
  expect(log).toContainEqual(expect.objectContaining({ message: 'postgres: not ready yet' }));
  expect(JSON.stringify(log)).not.toMatch(/s3cret|127\.0\.0\.1/);
});

import { describe, expect, test, vi } from 'vitest';
import { toGoDate } from '../../../src/servers/sqlite/go-date.ts';
import { databaseOf, post, startTestServers } from './helpers.ts';
import { rows, serve, sharedDatabase } from './served-database.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const shared = sharedDatabase();

describe('reading', () => {
  test('answers rows with columns in their order', async () => {
    const { query } = shared();
    expect(await query('SELECT text, id FROM notes WHERE id < 3')).toEqual({
      isError: false,
      texts: ['[\n  {\n    "text": "one",\n    "id": 1\n  },\n  {\n    "text": "two",\n    "id": 2\n  }\n]'],
    });
  });

  test('answers honest queries that do not begin with SELECT', async () => {
    const { query } = shared();
    expect(rows(await query('WITH a AS (SELECT 1 AS x) SELECT * FROM a'))).toEqual([{ x: 1 }]);
    expect(rows(await query('-- how many?\n/* really */ select count(*) n from notes; -- done'))).toEqual([{ n: 3 }]);
    expect(rows(await query('VALUES (1), (2)'))).toEqual([{ column1: 1 }, { column1: 2 }]);
    expect(rows(await query('EXPLAIN QUERY PLAN SELECT * FROM notes'))).toHaveLength(1);
  });

  test('a semicolon in a text or name is no second statement', async () => {
    const { query } = shared();
    expect(
      rows(await query(`SELECT 'a; delete from notes' AS "x;y", [text] FROM notes WHERE id = 1 /* ; */;`)),
    ).toEqual([{ 'x;y': 'a; delete from notes', text: 'one' }]);
  });

  test('keeps integers beyond 2^53, NULL, fractions and infinity', async () => {
    const { query } = shared();
    const { texts } = await query(
      'SELECT 9223372036854775807 a, -9007199254740993 b, NULL c, 0.1 d, 1e999 e, -1e999 f, 2.0 g',
    );
    expect(texts[0]).toContain('"a": 9223372036854775807');
    expect(texts[0]).toContain('"b": -9007199254740993');
    expect(JSON.parse(texts[0] ?? '')).toMatchObject([{ c: null, d: 0.1, e: 'Infinity', f: '-Infinity', g: 2 }]);
  });

  test('shows a BLOB by its length wherever it stands', async () => {
    const { query } = shared();
    expect(rows(await query("SELECT x'00ff10' a, zeroblob(2000) b, x'' c"))).toEqual([
      { a: 'BLOB data (length 3)', b: 'BLOB data (length 2000)', c: 'BLOB data (length 0)' },
    ]);
  });

  test('answers texts from a database in UTF-16', async () => {
    const { query } = await serve(
      {},
      "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(x); INSERT INTO t VALUES ('Zoë 日本 😀')",
    );
    expect(rows(await query('SELECT x, length(x) n FROM t'))).toEqual([{ x: 'Zoë 日本 😀', n: 8 }]);
  });

  test('answers broken UTF-8 as replacement characters instead of failing', async () => {
    const { query } = shared();
    expect(rows(await query("SELECT cast(x'41ff42' AS TEXT) AS x"))).toEqual([{ x: 'A\uFFFDB' }]);
  });

  test('keeps both of two columns with one name', async () => {
    const { query } = shared();
    expect(rows(await query('SELECT a.id, b.id FROM notes a JOIN notes b ON b.id = a.id + 1 WHERE a.id = 1'))).toEqual([
      { id: 1, 'id:1': 2 },
    ]);
  });

  test('escapes what could end a script in an HTML page', async () => {
    const { query } = shared();
    expect((await query("SELECT '</script>' AS x")).texts[0]).toContain('"\\u003c/script\\u003e"');
  });
});

describe('tables', () => {
  test('lists tables and no views, [] when there is none', async () => {
    expect(rows(await shared().tool('list_tables'))).toEqual(['notes']);
    expect(rows(await (await serve({}, 'PRAGMA user_version = 1')).tool('list_tables'))).toEqual([]);
  });

  test('describes tables and views whatever their names', async () => {
    const { tool } = await serve(
      {},
      `CREATE TABLE "it's; a-table"(x TEXT NOT NULL DEFAULT 'y' PRIMARY KEY); CREATE VIEW v AS SELECT 1 AS one`,
    );
    expect(rows(await tool('describe_table', { table_name: "it's; a-table" }))).toEqual([
      { cid: 0, dflt_value: "'y'", name: 'x', notnull: 1, pk: 1, type: 'TEXT' },
    ]);
    expect(rows(await tool('describe_table', { table_name: 'v' }))).toMatchObject([{ name: 'one' }]);
    expect(rows(await tool('describe_table', { table_name: 'nosuch' }))).toEqual([]);
    expect(await tool('describe_table', { table_name: "x'); DROP TABLE v; --" })).toEqual({
      isError: true,
      texts: ['Invalid characters in table name.'],
    });
  });

  test('update says that it did nothing, and does nothing', async () => {
    const { tool, query } = shared();
    const reply = await tool('update', { table_name: 'notes', set_clause: "text = 'x'", where_clause: '1' });
    expect(reply).toEqual({ isError: false, texts: ['Update command received but not executed (read-only mode)'] });
    expect(rows(await query("SELECT count(*) n FROM notes WHERE text = 'x'"))).toEqual([{ n: 0 }]);
  });
});

test('tools say whether they read or write', async () => {
  const file = await databaseOf('CREATE TABLE t(x)');
  const { url } = await startTestServers({ sqlite: { file } });
  const listed = await (await post(`${url}/sqlite`, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).text();
  const reads = [...listed.matchAll(/"name":"(\w+)".*?"readOnlyHint":(\w+)/g)].map(
    ([, name, hint]) => `${name} ${hint}`,
  );
  expect(reads).toEqual(['describe_table true', 'list_tables true', 'read_query true', 'update false']);
});

test.each([
  ['2026-01-02', '2026-01-02 00:00:00 +0000 UTC'],
  ['2026-01-02 03:04', '2026-01-02 03:04:00 +0000 UTC'],
  ['2026-01-02T03:04:05.120Z', '2026-01-02 03:04:05.12 +0000 UTC'],
  ['2026-01-02 03:04:05+02:00', '2026-01-02 03:04:05 +0200 +0200'],
  ['2026-02-31', '2026-02-31'],
  ['soon', 'soon'],
])('a DATE column shows %s as the public server does: %s', (text, shown) => {
  expect(toGoDate(text)).toBe(shown);
});

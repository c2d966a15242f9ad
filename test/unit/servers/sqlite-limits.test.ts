import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { withDefaults } from '../../../src/servers/sqlite/limits.ts';
import { createQueryPool } from '../../../src/servers/sqlite/pool.ts';
import { callTool, databaseOf, startTestServers } from './helpers.ts';
import { ENDLESS, rows, serve } from './served-database.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

describe('limits', () => {
  const LONG = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5000) SELECT x FROM c';

  test('ten thousand bytes pass, one more is cut after a whole row, and the answer says so', async () => {
    const { query } = await serve();
    expect((await query('SELECT substr(hex(zeroblob(6000)), 1, 9977) AS t')).texts).toHaveLength(1);
    const { texts, isError } = await query(LONG);
    expect(isError).toBe(false);
    expect(Buffer.byteLength(texts[0] ?? '')).toBeLessThanOrEqual(10_000);
    const shown = JSON.parse(texts[0] ?? '') as unknown[];
    expect(texts[1]).toBe(
      `... (results truncated): the first ${shown.length} rows are shown, the limit is 10000 bytes. Ask for fewer rows or columns.`,
    );
  });

  test('a limit of rows is kept and said', async () => {
    const { query } = await serve({ rows: 2 });
    const { texts } = await query('SELECT id FROM notes');
    expect(JSON.parse(texts[0] ?? '')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(texts[1]).toContain('the limit is 2 rows');
    expect((await query('SELECT id FROM notes LIMIT 2')).texts).toHaveLength(1);
  });

  test('a row that is too long alone is shown with its texts cut, between characters', async () => {
    const { query } = await serve({ bytes: 1000 });
    const { texts } = await query("SELECT 7 AS n, replace(hex(zeroblob(2000)), '0', '😀') AS t");
    const [row] = JSON.parse(texts[0] ?? '') as { n: number; t: string }[];
    expect(row?.n).toBe(7);
    expect(row?.t).toMatch(/^😀+\.\.\. \(cut, 8000 characters in all\)$/u);
    expect(texts[1]).toContain('long texts in it are cut');
  });

  test('an endless query is stopped at its time while others are answered', async () => {
    const { query } = await serve({ timeout: 1500 });
    const order: string[] = [];
    const endless = query(ENDLESS);
    void endless.then(() => order.push('endless'));
    for (let i = 0; i < 5; i += 1) rows(await query('SELECT count(*) n FROM notes'));
    order.push('others');
    expect(await endless).toEqual({
      isError: true,
      texts: ['Error executing query: the query took longer than 1.5 s and was stopped'],
    });
    expect(order).toEqual(['others', 'endless']);
  });

  test('when every process is busy, a query waits its turn', async () => {
    const file = await databaseOf('CREATE TABLE t(x)');
    const { url } = await startTestServers({ sqlite: { file, limits: { timeout: 60_000, processes: 1 } } });
    const abort = new AbortController();
    const endless = callTool(`${url}/sqlite`, 'read_query', { query: ENDLESS }, { signal: abort.signal }).catch(
      () => 'gone',
    );
    await sleep(300);
    const waiting = callTool(`${url}/sqlite`, 'list_tables');
    expect(await Promise.race([waiting, sleep(500, 'still waiting')])).toBe('still waiting');
    abort.abort();
    expect(await endless).toBe('gone');
    expect(rows(await waiting)).toEqual(['t']);
  });

  test('a query that found no free process in its time is told so', async () => {
    const limits = withDefaults({ timeout: 1000, processes: 1 });
    const pool = createQueryPool({ file: await databaseOf('CREATE TABLE t(x)'), limits, log: () => undefined });
    onTestFinished(async () => pool.close());
    const question = { kind: 'query', sql: ENDLESS } as const;
    const { signal } = new AbortController();
    // Asked in one turn, both run out of time in one turn, before the process of the first can be gone.
    expect(await Promise.all([pool.ask(question, signal), pool.ask(question, signal)])).toEqual([
      { error: 'Error executing query: the query took longer than 1 s and was stopped' },
      { error: 'Error executing query: the server is busy: 1 other queries ran for 1 s; try again' },
    ]);
  });

  test.each([
    ['one huge value', "SELECT length(printf('%.*c', 900000000, 'x'))"],
    [
      'many values at once',
      'SELECT count(*) FROM (SELECT DISTINCT x || hex(zeroblob(1000)) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 2000000) SELECT x FROM c))',
    ],
  ])('a query that wants too much memory fails alone: %s', async (_, sql) => {
    const { query } = await serve({ memory: 128 * 1024 * 1024 });
    expect(await query(sql)).toMatchObject({ isError: true });
    expect(rows(await query('SELECT count(*) n FROM notes'))).toEqual([{ n: 3 }]);
  });
});

describe('a database that cannot be read', () => {
  test('missing, or no database: a tool error without its path, and it works once the file is there', async () => {
    const { file, query } = await serve();
    const copy = `${file}.copy`;
    copyFileSync(file, copy);
    rmSync(file);
    const missing = await query('SELECT 1');
    expect(missing).toEqual({
      isError: true,
      texts: ['the database file cannot be opened: it is missing, or this program may not read it'],
    });
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'this is a text and no database, long enough to have a header of a hundred bytes '.repeat(20));
    expect(await query('SELECT 1')).toEqual({ isError: true, texts: ['the database file is no SQLite database'] });
    copyFileSync(copy, file);
    expect(rows(await query('SELECT count(*) n FROM notes'))).toEqual([{ n: 3 }]);
  });

  test('locked by a writer: a tool error that says so', async () => {
    const { file, query } = await serve();
    const writer = new DatabaseSync(file);
    onTestFinished(() => writer.close());
    writer.exec('BEGIN EXCLUSIVE');
    expect(await query('SELECT count(*) FROM notes')).toEqual({
      isError: true,
      texts: ['the database is locked by another program; try again'],
    });
    writer.exec('ROLLBACK');
    expect(rows(await query('SELECT count(*) n FROM notes'))).toEqual([{ n: 3 }]);
  });

  test('a folder in its place', async () => {
    const { file } = await serve();
    const { url } = await startTestServers({ sqlite: { file: dirname(file) } });
    expect((await callTool(`${url}/sqlite`, 'list_tables')).isError).toBe(true);
  });
});

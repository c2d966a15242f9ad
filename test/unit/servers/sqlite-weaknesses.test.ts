import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { rows, serve, sharedDatabase } from './served-database.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const shared = sharedDatabase();

/** Where a statement would leave a file of its own; written ATTACHED below. */
const beside = (file: string): string => join(dirname(file), 'attached.db');

describe('weaknesses of the public server', () => {
  test.each([
    'select 1; delete from notes',
    'select 1; drop table notes',
    "select 1; attach 'ATTACHED' as x; create table x.t(a)",
    "select 1; vacuum into 'ATTACHED'",
    'select 1; pragma writable_schema = on',
    'select 1; begin exclusive',
    'select 1;-- x\ndelete from notes',
    'select 1; select 2',
    'select 1; /* x */ select 2',
    'select 1 /* x */; /* y */ delete from notes',
    'delete from notes',
    "insert into notes(text) values ('x') returning id",
    "replace into notes values (1, 'x')",
    'with a as (select 1) delete from notes',
    "with a as (select 1) insert into notes(text) select 'x' from a returning id",
    "attach 'ATTACHED' as x",
    "vacuum into 'ATTACHED'",
    'pragma journal_mode = wal',
    'pragma query_only = off',
    'begin',
    "select load_extension('x.so')",
    "select writefile('ATTACHED', 'x')",
    "select readfile('/etc/passwd')",
    "select * from pragma_journal_mode('wal')",
    "select edit('x')",
    'select * from sqlite_dbpage',
    'select 1\0; delete from notes',
    '',
    ';',
    '-- nothing',
    'select ?',
    'select :name',
  ])('%j is an error and changes nothing', async (sql) => {
    const { file, query } = shared();
    const before = readFileSync(file);
    expect((await query(sql.replace('ATTACHED', beside(file)))).isError).toBe(true);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(beside(file))).toBe(false);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('many comments before a change are read once', async () => {
    const { isError, texts } = await shared().query(`${'/**/'.repeat(60)}delete from notes`);
    expect(isError).toBe(true);
    // Not the time limit's words: reading every way to split them would take longer than the world exists.
    expect(texts.join()).toContain('Only SELECT queries are allowed');
  });

  test('explaining a change changes nothing', async () => {
    const { file, query } = shared();
    const before = readFileSync(file);
    await query('EXPLAIN DELETE FROM notes');
    await query(`EXPLAIN ATTACH '${beside(file)}' AS x`);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(beside(file))).toBe(false);
  });

  test('shows no path of a file', async () => {
    const { file, query } = shared();
    const replies = await Promise.all(
      ['SELECT * FROM pragma_database_list', 'SELECT file FROM "pragma_database_list"'].map(query),
    );
    for (const { isError, texts } of replies) {
      expect(isError).toBe(true);
      expect(texts.join()).not.toContain(dirname(file));
    }
  });

  test('leaves nothing of one caller for the next', async () => {
    const { query } = await serve({ processes: 1 });
    await query('CREATE TEMP TABLE mine AS SELECT 1');
    await query('PRAGMA case_sensitive_like = on');
    await query('BEGIN');
    expect((await query('SELECT * FROM mine')).isError).toBe(true);
    expect(rows(await query("SELECT 'A' LIKE 'a' AS same"))).toEqual([{ same: 1 }]);
  });
});

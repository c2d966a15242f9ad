import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../src/gateway/identity/database.ts';
import { MIGRATIONS } from '../../../src/gateway/identity/migrations.ts';
import { Store } from '../../../src/gateway/identity/store.ts';
import { CURRENT, sqliteSchema, VERSIONS } from './earlier-schemas.ts';
import { expectMigrated } from './migrated.ts';
import { folder } from './stores.ts';

test('the fixtures reach up to the current version', () => expect(CURRENT).toBe(MIGRATIONS.length));

async function stateFile(version: number): Promise<string> {
  const file = join(await folder(), 'state.sqlite');
  using database = new DatabaseSync(file);
  database.exec(sqliteSchema(version));
  return file;
}

/** Names, types and version of all that is in it. */
function shapeOf(file: string): unknown {
  using database = new DatabaseSync(file, { readOnly: true });
  const columns = `SELECT t.name, c.name, lower(c.type), c."notnull", c.dflt_value, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
    ORDER BY t.name, c.cid`;
  const indexes = "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' ORDER BY name";
  return [columns, indexes, 'PRAGMA user_version', 'PRAGMA integrity_check'].map((sql) => database.prepare(sql).all());
}

describe('a state file', () => {
  test.each(VERSIONS)('of version %i is brought to the current one, with all that it keeps', async (version) => {
    const file = await stateFile(version);
    const store = new Store(openDatabase(file));
    await expectMigrated(store, version);
    store.close();
    expect(shapeOf(file)).toEqual(shapeOf(await stateFile(CURRENT)));
  });

  test('of a newer version is refused, named and left alone', async () => {
    const file = await stateFile(CURRENT);
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = shapeOf(file);
    const what = { code: 'STATE_NEWER', message: expect.stringContaining('schema 99') as string };
    expect(() => openDatabase(file)).toThrow(expect.objectContaining(what) as Error);
    expect(shapeOf(file)).toEqual(before);
  });

  test('is migrated once by processes that start at the same time', async () => {
    const file = await stateFile(1);
    const children = Array.from({ length: 4 }, () => openInProcess(file, 99));
    expect(await Promise.all(children)).toEqual(Array.from({ length: 4 }, () => 'open\n'));
    await expectMigrated(new Store(openDatabase(file)), 1);
  });

  test('whose migration is killed at any statement is whole, and the next start migrates it', async () => {
    const whole = shapeOf(await stateFile(CURRENT));
    let killed = 0;
    for (let statement = 0; ; statement++) {
      const file = await stateFile(1);
      const old = shapeOf(file);
      const said = await openInProcess(file, statement);
      expect([old, whole]).toContainEqual(shapeOf(file));
      if (said !== '') break;
      killed++;
      const store = new Store(openDatabase(file));
      await expectMigrated(store, 1);
      store.close();
    }
    // Settings, BEGIN, the scripts, the version, COMMIT.
    expect(killed).toBe(4 + CURRENT - 1);
  });
});

/** What it prints; nothing when it was killed. */
async function openInProcess(file: string, statement: number): Promise<string> {
  const program = fileURLToPath(new URL('./kill-at-statement.ts', import.meta.url));
  const child = spawn(process.execPath, [program, file, String(statement)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return text;
}

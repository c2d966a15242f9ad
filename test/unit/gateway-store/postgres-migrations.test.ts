import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openPool, type Queries } from '../../../src/gateway/identity/postgres/pg.ts';
import { migrate } from '../../../src/gateway/identity/postgres/schema.ts';
import { parseTarget } from '../../../src/gateway/identity/postgres/target.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import type { PostgresServer } from '../../docker/postgres.ts';
import { CURRENT, postgresSchema, VERSIONS } from './earlier-schemas.ts';
import { expectMigrated } from './migrated.ts';
import { aRefreshToken, aSession } from './samples.ts';
import { findPostgres, openPostgres } from './stores.ts';

describe('a PostgreSQL database', () => {
  let server: PostgresServer | undefined;
  let reason: string | undefined;

  beforeAll(async () => {
    ({ server, reason } = await findPostgres());
  }, 120_000);
  beforeEach(({ skip }) => {
    if (!server) skip(reason);
  });
  afterAll(async () => server?.remove());

  interface Prepared {
    where: string;
    sql: (statement: string) => Promise<string>;
    shape: () => Promise<string>;
  }

  async function database(version: number): Promise<Prepared> {
    if (!server) throw new Error(reason);
    const there = server;
    const where = await there.createDatabase();
    const sql = async (statement: string): Promise<string> => there.sql(where, statement);
    await sql(postgresSchema(version));
    return { where, sql, shape: async () => sql(SHAPE) };
  }

  /** Names, types and version of all that is in it. */
  const SHAPE = `SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
    WHERE table_schema = 'mcpgw' ORDER BY table_name, ordinal_position;
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'mcpgw' ORDER BY indexdef; SELECT version FROM mcpgw.schema_version`;

  test.each(VERSIONS)('of version %i is brought to the current one, with all that it keeps', async (version) => {
    const { where, shape } = await database(version);
    const store = openPostgres(where);
    await store.settled;
    await expectMigrated(store, version);
    expect(await shape()).toBe(await (await database(CURRENT)).shape());
  });

  test('of a newer version is neither read nor written until it is gone, and the log says what to do', async () => {
    const { where, sql } = await database(CURRENT);
    await sql('UPDATE mcpgw.schema_version SET version = 99');
    const log: LogEntry[] = [];
    const store = openPostgres(where, log);
    await store.settled;
    const why = /the database has schema 99, and .* knows schemas up to \d+: run the newer version .* or name another/;
    expect(store.failure()).toMatch(why);
    expect(log).toContainEqual(
      expect.objectContaining({ level: 'error', error: expect.stringMatching(why) as string }),
    );
    await expect(store.sessions.find('s1')).rejects.toThrow(why);
    await expect(store.rotate('t1', aSession(), aRefreshToken('s2'))).rejects.toThrow(why);
    expect(await sql("SELECT revoked FROM mcpgw.refresh_tokens WHERE id = 't1'")).toBe('0');
    await sql(`UPDATE mcpgw.schema_version SET version = ${CURRENT}`);
    await expect.poll(() => store.failure(), { timeout: 5_000 }).toBeUndefined();
    await expectMigrated(store, CURRENT);
  });

  test('is migrated once by gateways that start at the same time', async () => {
    for (const version of [0, 1]) {
      const { where, shape } = await database(version);
      const stores = Array.from({ length: 5 }, () => openPostgres(where));
      await Promise.all(stores.map(async ({ settled }) => settled));
      for (const store of stores) await expect.poll(() => store.failure(), { timeout: 5_000 }).toBeUndefined();
      expect(await shape()).toBe(await (await database(CURRENT)).shape());
    }
  });

  test('whose migration is cut off at any statement is whole, and the next start migrates it', async () => {
    const [old, whole] = [await (await database(1)).shape(), await (await database(CURRENT)).shape()];
    let cut = 0;
    for (let statement = 0; ; statement++) {
      const { where, shape } = await database(1);
      const done = await migrateUntil(where, statement);
      expect([old, whole]).toContain(await shape());
      if (done) break;
      cut++;
      const store = openPostgres(where);
      await store.settled;
      await expectMigrated(store, 1);
    }
    // Two look-ups, BEGIN, the lock, two look-ups, the scripts, the version, COMMIT.
    expect(cut).toBe(8 + CURRENT - 1);
  });

  const TERMINATE_OTHERS = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`;

  /** The server ends the connection before the n-th statement. True: there are fewer. */
  async function migrateUntil(where: string, statement: number): Promise<boolean> {
    const pool = openPool(
      () => parseTarget(where, () => undefined),
      () => undefined,
    );
    const connection = await pool.connect();
    let left = statement;
    const doomed: Queries = {
      query: async (text, values) => {
        if (left-- === 0) await pool.query(TERMINATE_OTHERS);
        return connection.query(text, values);
      },
    };
    try {
      await migrate(doomed);
      return true;
    } catch {
      return false;
    } finally {
      connection.end();
      await pool.close();
    }
  }
});

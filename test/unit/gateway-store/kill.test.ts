import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Options } from '../../../src/pomerium/model.ts';
import type { PostgresServer } from '../../docker/postgres.ts';
import { Account } from './account.ts';
import { storeOf } from './open.ts';
import { findPostgres, folder } from './stores.ts';

/* A process that uses a store is killed (SIGKILL) at random moments, on the same data each time. */

const PROGRAM = fileURLToPath(new URL('./busy-process.ts', import.meta.url));

/** What the process told until it was killed, some steps after its first. */
async function runAndKill(options: Partial<Options>): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const wanted = Math.floor(Math.random() * 40);
  const reached = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\ndone').length > wanted) reached.resolve();
  });
  const ended = once(child, 'close').then(() => reached.resolve());
  await reached.promise;
  // Not always between two lines.
  await wait(Math.random() * 4);
  child.kill('SIGKILL');
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
  return text;
}

async function killTimes(times: number, options: Partial<Options>, check: () => void): Promise<void> {
  const accounts: Account[] = [];
  for (let round = 0; round < times; round++) {
    const account = new Account(await runAndKill(options));
    const store = storeOf(options);
    try {
      await store.settled;
      check();
      await account.expectHonoured(store);
      accounts.push(account);
    } finally {
      await store.close();
    }
  }
  const store = storeOf(options);
  await store.settled;
  for (const account of accounts) await account.expectHonoured(store);
  for (const account of accounts) await account.expectRedeemedOnce(store);
  await store.close();
  const [done, doubtful] = [accounts.reduce((sum, one) => sum + one.done, 0), accounts.flatMap((one) => one.doubtful)];
  expect(done).toBeGreaterThan(times);
  // Otherwise it was killed between steps only, which proves little.
  expect(doubtful.length).toBeGreaterThan(0);
}

test('SQLite: thirty kills lose no answer and leave nothing half done', async () => {
  const home = await folder();
  const options: Partial<Options> = {
    databroker_storage_type: 'file',
    databroker_storage_connection_string: pathToFileURL(home).href,
  };
  await killTimes(30, options, () => {
    using database = new DatabaseSync(join(home, 'state.sqlite'), { readOnly: true });
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  });
}, 120_000);

describe('PostgreSQL', () => {
  let server: PostgresServer | undefined;
  let reason: string | undefined;

  beforeAll(async () => {
    ({ server, reason } = await findPostgres());
  }, 120_000);
  beforeEach(({ skip }) => {
    if (!server) skip(reason);
  });
  afterAll(async () => server?.remove());

  test('ten kills lose no answer and leave nothing half done', async () => {
    const where = (await server?.createDatabase()) ?? '';
    const options: Partial<Options> = {
      databroker_storage_type: 'postgres',
      databroker_storage_connection_string: where,
    };
    await killTimes(10, options, () => undefined);
  }, 120_000);
});

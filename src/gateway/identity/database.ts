import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CliError } from '../../errors.ts';
import { MIGRATIONS } from './migrations.ts';

/** Milliseconds that a writer waits for another process's transaction. */
const BUSY_TIMEOUT = 2_000;

/**
 * Opens the gateway's state and brings it to the current schema. The file holds refresh tokens and client secrets, so it is
 * made for its owner alone. Write-ahead logging: what was committed survives `kill -9`, and several processes can read
 * and write one file. Throws CliError when the file cannot be used; it is never deleted or overwritten.
 */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
    database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    assertSound(database, file);
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof CliError ? error : explain(error, file);
  }
}

function assertSound(database: DatabaseSync, file: string): void {
  const verdict = String(database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']);
  if (verdict !== 'ok') throw corrupt(file, verdict);
}

function migrate(database: DatabaseSync, file: string): void {
  const version = (): number => Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version() === MIGRATIONS.length) return;
  // Two processes may start at once: whoever comes second finds the work done.
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = version();
    if (found > MIGRATIONS.length) throw newer(file, found);
    for (const script of MIGRATIONS.slice(found)) database.exec(script);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const BUSY = [5, 6];
const CORRUPT = [11, 26];

function explain(error: unknown, file: string): unknown {
  const { code, errcode, message } = error as { code?: string; errcode?: number; message?: string };
  if (code !== 'ERR_SQLITE_ERROR' && !code?.startsWith('E')) return error;
  const primary = (errcode ?? 0) & 0xff;
  if (CORRUPT.includes(primary)) return corrupt(file, message, error);
  if (BUSY.includes(primary)) {
    return new CliError({
      code: 'STATE_BUSY',
      message: `the state file ${file} is locked by another process`,
      fix: `stop whoever holds it open; to see who: lsof ${file}`,
      cause: error,
    });
  }
  return new CliError({
    code: 'STATE_UNUSABLE',
    message: `the state file ${file} cannot be opened or written`,
    ...(message === undefined ? {} : { why: message }),
    fix: `check the folder's permissions and free space: ls -ld ${folderOf(file)} ; df -h ${folderOf(file)}`,
    cause: error,
  });
}

function corrupt(file: string, why: string | undefined, cause?: unknown): CliError {
  return new CliError({
    code: 'STATE_CORRUPT',
    message: `the state file ${file} is damaged, or no SQLite database`,
    why: `SQLite says: ${why ?? 'nothing'}`,
    fix: `move it away and start again (everybody signs in anew): mv ${file} ${file}.damaged`,
    cause,
  });
}

function newer(file: string, version: number): CliError {
  return new CliError({
    code: 'STATE_NEWER',
    message: `the state file ${file} has schema ${version}; this version knows schemas up to ${MIGRATIONS.length}`,
    why: 'a newer version of mcpgw wrote it',
    fix: `run that newer version, or move the file away (everybody signs in anew): mv ${file} ${file}.newer`,
  });
}

function folderOf(file: string): string {
  return file.replace(/\/[^/]*$/, '') || '/';
}

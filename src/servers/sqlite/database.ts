import { constants, DatabaseSync } from 'node:sqlite';
import { withDefaults, type SqliteLimits } from './limits.ts';

/** Pragmas that only describe the schema; in a query they appear as table-valued functions. */
const READING_PRAGMAS = new Set([
  'table_info',
  'table_xinfo',
  'table_list',
  'index_list',
  'index_info',
  'index_xinfo',
  'foreign_key_list',
  'function_list',
  'collation_list',
  'compile_options',
  'module_list',
]);

/** Milliseconds to wait for a writer that holds the file. */
const BUSY_TIMEOUT = 2_000;
const MAX_SQL = 1_000_000;

/**
 * Opens a database so that the engine itself refuses every change: read-only file, no extension, no attached file, no pragma
 * that sets anything. Each query gets a connection of its own, so nothing is left for the next caller.
 */
export function openReadOnly(file: string, limits: SqliteLimits): DatabaseSync {
  const database = new DatabaseSync(file, {
    readOnly: true,
    allowExtension: false,
    enableForeignKeyConstraints: false,
    timeout: BUSY_TIMEOUT,
    readBigInts: true,
    returnArrays: true,
    defensive: true,
    limits: { length: Math.floor(limits.memory / 8), sqlLength: MAX_SQL, attach: 0 },
  });
  try {
    // Sorting and temporary tables stay in memory, where the process's limit sees them, and leave nothing on the disk.
    database.exec(
      'PRAGMA query_only = on; PRAGMA trusted_schema = off; PRAGMA temp_store = memory; PRAGMA mmap_size = 0;',
    );
    database.exec('SELECT count(*) FROM sqlite_schema');
    // Node 22 has no authorizer; there the first word of the statement and the read-only file do the work (see query.ts).
    database.setAuthorizer?.(allowReadingOnly);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function allowReadingOnly(action: number, first: string | null): number {
  const { SQLITE_OK, SQLITE_DENY, SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE, SQLITE_FUNCTION, SQLITE_PRAGMA } =
    constants;
  if (action === SQLITE_SELECT || action === SQLITE_READ || action === SQLITE_RECURSIVE || action === SQLITE_FUNCTION)
    return SQLITE_OK;
  return action === SQLITE_PRAGMA && READING_PRAGMAS.has(first ?? '') ? SQLITE_OK : SQLITE_DENY;
}

/** What node:sqlite adds to its errors. */
export interface SqliteError extends Error {
  errcode: number;
  errstr: string;
}

export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && 'errstr' in error;
}

/** Primary result codes, https://sqlite.org/rescode.html. */
const BUSY = 5;
const CANTOPEN = 14;
const NOTADB = 26;

/** Why a database cannot be read at all, for a person; undefined when the error is the query's own. */
export function explainOpening(error: unknown): string | undefined {
  if (!isSqliteError(error)) return undefined;
  const primary = error.errcode & 0xff;
  if (primary === CANTOPEN) return 'the database file cannot be opened: it is missing, or this program may not read it';
  if (primary === NOTADB) return 'the database file is no SQLite database';
  if (primary === BUSY) return 'the database is locked by another program; try again';
  return undefined;
}

/** Whether a file is there and is a database: a sentence when not. */
export function checkDatabase(file: string): string | undefined {
  try {
    openReadOnly(file, withDefaults()).close();
    return undefined;
  } catch (error) {
    return explainOpening(error) ?? (error instanceof Error ? error.message : String(error));
  }
}

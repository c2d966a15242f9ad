import { resolve } from 'node:path';
import { CliError } from '../../errors.ts';
import { numberFrom, withoutUndefined, type Environment } from '../environment.ts';
import { checkDatabase } from './database.ts';
import type { SqliteLimits } from './limits.ts';

/** The file's path; throws a CliError when it is no database that can be read. */
export function databaseFile(cwd: string, file: string): string {
  // SQLite's own URI form, `file:/path?mode=ro`, is taken as it stands: the public server takes it too.
  const path = file.startsWith('file:') ? file : resolve(cwd, file);
  const why = checkDatabase(path);
  if (why === undefined) return path;
  const fix = 'mcpgw serve sqlite --sqlite-file <an existing SQLite database>';
  throw new CliError({ code: 'DATABASE_UNUSABLE', message: `sqlite cannot use ${path}`, why, fix });
}

export function sqliteLimits(env: Environment): Partial<SqliteLimits> {
  const seconds = numberFrom(env, 'SQLITE_TIMEOUT');
  const mebibytes = numberFrom(env, 'SQLITE_MAX_MEMORY');
  return withoutUndefined({
    timeout: seconds && seconds * 1000,
    rows: numberFrom(env, 'SQLITE_MAX_ROWS'),
    bytes: numberFrom(env, 'SQLITE_MAX_BYTES'),
    memory: mebibytes && mebibytes * 1024 * 1024,
    processes: numberFrom(env, 'SQLITE_PROCESSES'),
  });
}

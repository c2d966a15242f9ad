import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IdentityOptions } from '../exchange.ts';
import { openDatabase } from './database.ts';
import { PostgresStore } from './postgres/postgres-store.ts';
import { parseTarget } from './postgres/target.ts';
import type { StateStore } from './state-store.ts';
import { Store } from './store.ts';

/**
 * The store that `databroker_storage_type` names, unless a state file is given. `file` means SQLite here. A file that cannot be used throws a
 * CliError; a database that cannot be reached is a failure of the store, as with Pomerium, and may pass.
 */
export function openStore({ stateFile, options, resolve, log }: IdentityOptions): StateStore {
  const { databroker_storage_type: type, databroker_storage_connection_string: where = '' } = options();
  if (stateFile !== undefined) return new Store(openDatabase(stateFile));
  if (type === 'postgres') return new PostgresStore(() => parseTarget(where, resolve), log);
  return new Store(
    openDatabase(type === 'file' && where.startsWith('file://') ? fileIn(fileURLToPath(where)) : ':memory:'),
  );
}

function fileIn(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return `${folder}/state.sqlite`;
}

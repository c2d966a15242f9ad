import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';
import { PostgresStore } from '../../../src/gateway/identity/postgres/postgres-store.ts';
import { parseTarget } from '../../../src/gateway/identity/postgres/target.ts';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { dockerReady } from '../../docker/engine.ts';
import { startPostgres, type PostgresServer } from '../../docker/postgres.ts';
import { storeOf } from './open.ts';

/** What `databroker_storage_type` may say. */
export type Kind = Options['databroker_storage_type'];

/** A server for a whole file, or why there is none. */
export async function findPostgres(): Promise<{ server?: PostgresServer; reason?: string }> {
  const ready = await dockerReady();
  return ready.ok ? { server: await startPostgres() } : { reason: ready.reason };
}

/** Opens a store on the same data each time it is called; in memory, on none. */
export type Opener = () => Promise<StateStore>;

/** Stores with data of their own, opened as the configuration says. */
export async function openerOf(kind: Kind, server: PostgresServer | undefined): Promise<Opener> {
  if (kind === 'memory') return opening({ databroker_storage_type: 'memory' });
  if (kind === 'file') return opening({ databroker_storage_type: kind, ...at(pathToFileURL(await folder()).href) });
  if (!server) throw new Error('no PostgreSQL');
  return opening({ databroker_storage_type: kind, ...at(await server.createDatabase()) });
}

const at = (place: string): Partial<Options> => ({ databroker_storage_connection_string: place });

function opening(changes: Partial<Options>): Opener {
  return async () => {
    const store = closing(storeOf(changes));
    await store.settled;
    return store;
  };
}

/** A folder for one test. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'mcpgw-store-'));
  onTestFinished(async () => rm(made, { recursive: true }));
  return made;
}

export function openPostgres(where: string, log: LogEntry[] = []): PostgresStore {
  return closing(
    new PostgresStore(
      () => parseTarget(where, () => undefined),
      (entry) => log.push(entry),
    ),
  );
}

function closing<T extends StateStore>(store: T): T {
  onTestFinished(async () => store.close());
  return store;
}

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../src/gateway/identity/database.ts';
import { PostgresStore } from '../../../src/gateway/identity/postgres/postgres-store.ts';
import { parseTarget } from '../../../src/gateway/identity/postgres/target.ts';
import type { RefreshToken } from '../../../src/gateway/identity/refresh-token-table.ts';
import type { StoredSession } from '../../../src/gateway/identity/session-table.ts';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';
import { Store } from '../../../src/gateway/identity/store.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import { dockerReady } from '../../docker/engine.ts';
import { startPostgres, type PostgresServer } from '../../docker/postgres.ts';

const HOUR = 3_600_000;

/** A server for a whole file, or why there is none. */
export async function findPostgres(): Promise<{ server?: PostgresServer; reason?: string }> {
  const ready = await dockerReady();
  return ready.ok ? { server: await startPostgres() } : { reason: ready.reason };
}

/** Opens a store on the same data each time it is called. */
export type Opener = () => Promise<StateStore>;

export async function sqliteOpener(): Promise<Opener> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw-store-'));
  onTestFinished(async () => rm(folder, { recursive: true }));
  return async () => closing(new Store(openDatabase(join(folder, 'state.sqlite'))));
}

export async function postgresOpener(server: PostgresServer): Promise<Opener> {
  const where = await server.createDatabase();
  return async () => {
    const store = openPostgres(where);
    await store.settled;
    return store;
  };
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

export function aSession(changes: Partial<StoredSession> = {}): StoredSession {
  const now = Date.now();
  const { id, claims } = { id: randomUUID(), claims: { groups: ['staff'], ünï: '\0 “quoted”' } };
  const who = { userId: 'u1', email: 'alice@company.com', name: "Alice O'Neill", idpId: 'idp' };
  return { id, claims, ...who, idToken: 'it', idpRefreshToken: 'rt', issuedAt: now, expiresAt: now + HOUR, ...changes };
}

export function aRefreshToken(sessionId: string, changes: Partial<RefreshToken> = {}): RefreshToken {
  const expiresAt = Date.now() + HOUR;
  return {
    id: randomUUID(),
    clientId: 'c1',
    sessionId,
    idpId: 'idp',
    idpRefreshToken: 'rt',
    claims: {},
    expiresAt,
    ...changes,
  };
}

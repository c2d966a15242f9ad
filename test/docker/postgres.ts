import { setTimeout as wait } from 'node:timers/promises';
import { freePorts } from '../helpers/program.ts';
import { IMAGES } from './rig/places.ts';
import { ask, run } from './rig/run.ts';

export interface PostgresServer {
  /** A fresh database, as the connection string to it. */
  createDatabase(): Promise<string>;
  /** Runs a statement and returns what psql prints of its rows. */
  sql(connectionString: string, statement: string): Promise<string>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Every process of the server stands still, and its connections stay open. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  remove(): Promise<void>;
}

/** A PostgreSQL 17 of its own in a container, on a free port of loopback. `dockerReady()` has to be asked first. */
export async function startPostgres(): Promise<PostgresServer> {
  const [port = 0] = await freePorts(1);
  const flags = [
    '--publish',
    `127.0.0.1:${port}:5432`,
    '--env',
    'POSTGRES_USER=pomerium',
    '--env',
    'POSTGRES_PASSWORD=secret',
  ];
  const quick = ['--env', 'POSTGRES_INITDB_ARGS=--no-sync'];
  const id = (
    await run('docker', ['run', '--detach', ...flags, ...quick, IMAGES.postgres, 'postgres', '-c', 'fsync=off'])
  ).trim();
  const psql = async (database: string, statement: string): Promise<string> =>
    (await run('docker', ['exec', id, 'psql', '-qtAX', '-U', 'pomerium', '-d', database, '-c', statement])).trim();
  const ready = async (): Promise<void> => {
    const deadline = Date.now() + 60_000;
    const probe = ['exec', id, 'pg_isready', '-h', '127.0.0.1'];
    while ((await ask('docker', probe)) === undefined) {
      if (Date.now() > deadline) throw new Error(`PostgreSQL did not start: ${await run('docker', ['logs', id])}`);
      await wait(100);
    }
  };
  await ready();
  let made = 0;
  return {
    async createDatabase() {
      const name = `test${++made}`;
      await psql('pomerium', `CREATE DATABASE ${name}`);
      return `postgresql://pomerium:secret@127.0.0.1:${port}/${name}?sslmode=disable`;
    },
    sql: async (connectionString, statement) => psql(new URL(connectionString).pathname.slice(1), statement),
    stop: async () => void (await run('docker', ['stop', id])),
    async start() {
      await run('docker', ['start', id]);
      await ready();
    },
    pause: async () => void (await run('docker', ['pause', id])),
    unpause: async () => void (await run('docker', ['unpause', id])),
    remove: async () => void (await run('docker', ['rm', '--force', '--volumes', id])),
  };
}

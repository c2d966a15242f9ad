import { join } from 'node:path';
import type { Log } from '../../net/log.ts';
import { ChildService } from '../embedded/child-service.ts';
import type { ServicePart } from '../embedded/part.ts';
import type { ServiceStatus } from '../engine.ts';
import { findFreePort } from '../free-port.ts';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import { ensureCluster, type ClusterOptions } from './postgres-cluster.ts';
import { acceptsSessions } from './postgres-probe.ts';

export interface PostgresOptions extends ClusterOptions {
  log: Log;
  onProcess: (identity: ProcessIdentity | undefined) => void;
}

const POLL_MS = 20;
/** Milliseconds; recovery after a power cut may take a while. */
const PATIENCE = 60_000;

/** A PostgreSQL that belongs to one project: on loopback, on a port of its own, with the project's password. */
export class PostgresService implements ServicePart {
  readonly name = 'postgres';
  readonly kind = 'database';
  readonly hash = '';
  readonly #options: PostgresOptions;
  #child: ChildService | undefined;
  #identity: ProcessIdentity | undefined;
  #port = 0;
  #stopped = false;

  constructor(options: PostgresOptions) {
    this.#options = options;
  }

  /** Resolves when it takes sessions, or when that cannot be waited for any longer. */
  async start(): Promise<void> {
    this.#stopped = false;
    const { programs, env, folder, log, onProcess } = this.#options;
    const data = await ensureCluster(this.#options);
    if (this.#stopped) return;
    // The same port again: who holds its address need not be told.
    this.#port ||= await findFreePort();
    const settings = { listen_addresses: '127.0.0.1', port: String(this.#port), unix_socket_directories: '' };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#child = new ChildService({
      name: this.name,
      hash: this.hash,
      command: [join(programs.folder, 'postgres'), '-D', data, ...flags],
      folder,
      environment: env,
      port: this.#port,
      log,
      onProcess: (identity) => {
        this.#identity = identity;
        onProcess(identity);
      },
    });
    await this.#child.start();
    await this.#untilReady();
  }

  /** A fast shutdown: sessions are ended, nothing has to be recovered. PostgreSQL 17 documentation, Shutting Down the Server. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#identity && (await isAlive(this.#identity))) process.kill(this.#identity.pid, 'SIGINT');
    await this.#child?.stop();
  }

  async status(): Promise<ServiceStatus> {
    const child = await this.#child?.status();
    if (!child) return { name: this.name, kind: this.kind, state: 'stopped', health: 'unhealthy', restarts: 0 };
    const { detail, ...rest } = child;
    const isReady = child.health === 'healthy' && (await acceptsSessions(this.#port));
    const why = child.state === 'starting' || child.state === 'running' ? 'it takes no sessions yet' : detail;
    return {
      ...rest,
      kind: this.kind,
      health: isReady ? 'healthy' : 'unhealthy',
      ...(isReady || why === undefined ? {} : { detail: why }),
    };
  }

  summary(): string {
    return `PostgreSQL ${this.#options.programs.major} on port ${this.#port}, data in .mcpgw/postgres`;
  }

  /** As it stands in DATABROKER_STORAGE_CONNECTION_STRING. */
  get connectionString(): string {
    const password = encodeURIComponent(this.#options.password);
    return `postgresql://pomerium:${password}@127.0.0.1:${this.#port}/pomerium?sslmode=disable`;
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    while (!this.#stopped && performance.now() < deadline) {
      const { state, restarts } = (await this.#child?.status()) ?? { state: 'stopped', restarts: 0 };
      if (state === 'crashed' && restarts > 0) return;
      if (await acceptsSessions(this.#port)) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

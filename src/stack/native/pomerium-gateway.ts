import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../atomic-file.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { renderText } from '../../project/render.ts';
import { ChildService } from '../embedded/child-service.ts';
import type { GatewayServiceOptions } from '../embedded/gateway-service.ts';
import { mirrorOnIPv6, type Relay } from '../embedded/ipv6-mirror.ts';
import type { GatewayPart, ServicePart } from '../embedded/part.ts';
import { probeGateway } from '../embedded/probe.ts';
import type { ServiceStatus } from '../engine.ts';
import { parseListenAddress } from '../listen-address.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { gatewayUrl } from '../routes.ts';
import { localConfig } from './local-config.ts';
import { pomeriumEnvironment } from './pomerium-environment.ts';
import { createPomeriumLog, type PomeriumLog } from './pomerium-log.ts';
import { PostgresService } from './postgres-service.ts';
import { requirePomerium } from './programs.ts';
import { chooseStore, environmentOf } from './store.ts';

/** Milliseconds within which Pomerium, which looks at its file five times a second, has seen a change. */
const REREAD = 2_000;

/** The user's own Pomerium, as a process beside the engine's, with a PostgreSQL where there is one. */
export class PomeriumGateway implements GatewayPart {
  readonly name = 'gateway';
  readonly kind = 'gateway';
  readonly hash: string;
  readonly #options: GatewayServiceOptions;
  readonly #log: PomeriumLog;
  /** What Pomerium reads. */
  readonly #file: string;
  #project: Project;
  #inForce: Options;
  #written = '';
  /** Changes that Pomerium has not read yet. */
  #taking = 0;
  #version = '';
  #child: ChildService | undefined;
  #postgres: PostgresService | undefined;
  #mirror: Promise<Relay | undefined> = Promise.resolve(undefined);
  #unwatch: () => void = () => undefined;
  #stopped = false;

  constructor(options: GatewayServiceOptions) {
    this.hash = options.hash;
    this.#options = options;
    this.#project = options.project;
    this.#inForce = options.options;
    this.#log = createPomeriumLog(options.log);
    this.#file = join(options.project.paths.state, 'native', 'pomerium-config.yaml');
  }

  get companions(): readonly ServicePart[] {
    return this.#postgres ? [this.#postgres] : [];
  }

  get address(): string | undefined {
    const { host, port } = this.#listen();
    return this.#child && `${host}:${port}`;
  }

  async start(): Promise<void> {
    const { env, hosts, servicesStarted } = this.#options;
    const program = await requirePomerium(env);
    this.#version = program.version ?? '';
    const [store] = await Promise.all([this.#openStore(), servicesStarted]);
    await this.#write();
    if (this.#stopped) return;
    this.#unwatch = hosts.watch(() => void this.#takeOver());
    this.#child = new ChildService({
      name: this.name,
      hash: this.hash,
      command: [program.file, '--config', this.#file],
      folder: this.#project.folder,
      environment: await pomeriumEnvironment(this.#project, this.#inForce, store, env),
      port: this.#listen().port,
      log: this.#log.log,
      onProcess: (identity) => this.#follow(identity),
    });
    await this.#child.start();
  }

  async reload(options: Options, project: Project): Promise<void> {
    this.#inForce = options;
    this.#project = project;
    await this.#takeOver();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unwatch();
    await this.#child?.stop();
    this.#child = undefined;
    await (await this.#mirror)?.close();
    await this.#postgres?.stop();
  }

  async status(): Promise<ServiceStatus> {
    const child = await this.#child?.status();
    if (!child) return { name: this.name, kind: this.kind, state: 'stopped', health: 'unhealthy', restarts: 0 };
    const fault = child.health === 'healthy' ? await this.#fault() : await this.#whyDown(child);
    const { detail: _, ...rest } = child;
    return {
      ...rest,
      kind: this.kind,
      ...(this.address === undefined ? {} : { address: this.address }),
      health: fault === undefined ? 'healthy' : 'unhealthy',
      ...(fault === undefined ? {} : { detail: fault }),
    };
  }

  summary(): string {
    const { domain, port } = this.#project.settings;
    return `${gatewayUrl(domain, port)} (${['pomerium', this.#version].join(' ').trim()})`;
  }

  /** Pomerium keeps sessions in a form of its own and tells nobody. */
  users(): [] {
    return [];
  }

  #listen(): { host: string; port: number } {
    return parseListenAddress(this.#inForce.address);
  }

  async #openStore(): Promise<Record<string, string>> {
    const { project, env, logOf, onProcess } = this.#options;
    const store = await chooseStore(project, env);
    if (store.kind !== 'postgres') return store.environment;
    this.#postgres = new PostgresService({
      ...store,
      env,
      log: logOf('postgres'),
      onProcess: (identity) => onProcess('postgres', identity),
    });
    await this.#postgres.start();
    return environmentOf('postgres', this.#postgres.connectionString);
  }

  /** Ends when Pomerium goes by what the files, and the places of the services, are now. */
  async #takeOver(): Promise<void> {
    this.#taking += 1;
    try {
      if (await this.#write()) await this.#log.untilReread(REREAD);
    } finally {
      this.#taking -= 1;
    }
  }

  /** Writes what Pomerium is to read; false when it stands there already. */
  async #write(): Promise<boolean> {
    const { configText, secrets } = this.#project;
    const filled = renderText(configText, 'pomerium-config.yaml', secrets).text;
    const { text, moved } = localConfig(filled, this.#options.hosts.resolve);
    if (text === this.#written) return false;
    this.#written = text;
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    // An empty file is a configuration without routes, so it is replaced as a whole; Pomerium follows the name.
    await writeFileAtomic(this.#file, text, 0o600);
    this.#options.log({ level: 'info', message: `wrote ${this.#file}`, moved });
    return true;
  }

  /** The mirror lives as long as the process: it would hold the port of the next one. */
  #follow(identity: ProcessIdentity | undefined): void {
    this.#options.onProcess('pomerium', identity);
    const { address } = this.#inForce;
    this.#mirror = this.#mirror.then(async (mirror) => {
      await mirror?.close();
      return identity && address.startsWith(':') ? mirrorOnIPv6(this.#listen().port) : undefined;
    });
  }

  async #fault(): Promise<string | undefined> {
    if (this.#taking > 0) return 'takes a changed configuration over';
    if (this.#log.refusal !== undefined) return `Pomerium goes on with the configuration before: ${this.#log.refusal}`;
    return probeGateway(this.#inForce, this.#options.certificate.authority, this.#listen());
  }

  async #whyDown({ state, detail }: ServiceStatus): Promise<string> {
    if (state === 'crashed') return [detail, this.#log.lastWords].filter(Boolean).join(': ');
    return `does not listen on port ${this.#listen().port} yet`;
  }
}

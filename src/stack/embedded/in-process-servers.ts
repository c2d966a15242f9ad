import { access } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { createFetch } from '../../net/fetch.ts';
import type { Log } from '../../net/log.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { startServers } from '../../servers/index.ts';
import type { ServiceStatus } from '../engine.ts';
import { accepts } from '../port-busy.ts';
import { certificateNames, gatewayUrl, serverRoutes } from '../routes.ts';
import type { HostMap } from './host-map.ts';
import type { ServicePart } from './part.ts';
import type { RunnableService } from './wanted.ts';

export interface InProcessOptions {
  service: RunnableService;
  project: Project;
  options: Options;
  hosts: HostMap;
  /** PEM of the authority that the gateway's certificate comes from. */
  authority: () => Promise<string>;
  log: Log;
}

type Running = Awaited<ReturnType<typeof startServers>>;

/** The reference servers, inside the engine's own process. */
export class InProcessServers implements ServicePart {
  readonly name: string;
  readonly kind = 'server';
  readonly hash: string;
  readonly #options: InProcessOptions;
  #running: Running | undefined;
  #state: ServiceStatus['state'] = 'stopped';
  #detail: string | undefined;

  constructor(options: InProcessOptions) {
    this.name = options.service.name;
    this.hash = options.service.hash;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { service, hosts, log } = this.#options;
    this.#state = 'starting';
    try {
      const { startServers } = await import('../../servers/index.ts');
      this.#running = await startServers({
        servers: await this.#servers(),
        // The port of the configuration may be taken on this machine; the host map leads to the one that was free.
        listen: { host: '127.0.0.1', port: service.port ?? 0 },
        allowedHosts: listOf(service.environment['ALLOWED_HOSTS']) ?? [service.name],
        allowedOrigins: listOf(service.environment['ALLOWED_ORIGINS']) ?? [],
        log,
      });
      hosts.set(service.name, this.#running.address.port);
      this.#state = 'running';
    } catch (error) {
      this.#state = 'failed';
      this.#detail = error instanceof Error ? error.message : String(error);
      log({ level: 'error', message: this.#detail });
    }
  }

  async stop(): Promise<void> {
    this.#options.hosts.delete(this.name);
    await this.#running?.close();
    this.#running = undefined;
    this.#state = 'stopped';
  }

  async status(): Promise<ServiceStatus> {
    const address = this.#running?.address;
    const answers = address !== undefined && (await accepts(address.port));
    return {
      name: this.name,
      kind: this.kind,
      state: this.#state,
      health: answers ? 'healthy' : 'unhealthy',
      restarts: 0,
      ...(address ? { address: `${address.host}:${address.port}` } : {}),
      ...(this.#detail ? { detail: this.#detail } : {}),
    };
  }

  summary(): string {
    return this.#serves().join(', ');
  }

  #serves(): string[] {
    const { serves = [], environment } = this.#options.service;
    if (serves.length > 0) return serves;
    // As `mcpgw serve` without names: all that have what they need.
    const always = ['whoami', 'sqlite', 'notion', 'github', 'google-drive'];
    return environment['POSTGRES_URL'] ? [...always, 'postgres'] : always;
  }

  async #servers(): Promise<Parameters<typeof startServers>[0]['servers']> {
    const { service, project, options, authority } = this.#options;
    const serves = this.#serves();
    const { environment } = service;
    const gateway = serverRoutes(options)[0]?.from ?? gatewayUrl(project.settings.domain, project.settings.port);
    const whoami = {
      issuers: listOf(environment['WHOAMI_ISSUERS']) ?? certificateNames(options),
      jwksUrl: environment['JWKS_URL'] || new URL('/.well-known/pomerium/jwks.json', gateway).href,
      fetch: createFetch({ ca: [await authority()] }),
    };
    return {
      ...(await this.#others(serves.filter((name) => name !== 'whoami' && name !== 'sqlite'))),
      ...(serves.includes('whoami') ? { whoami } : {}),
      ...(serves.includes('sqlite') ? { sqlite: { file: await this.#database() } } : {}),
    };
  }

  /** Servers that are told nothing here beyond what the service's environment says; an unknown name is an error. */
  async #others(names: readonly string[]): Promise<Parameters<typeof startServers>[0]['servers']> {
    if (names.length === 0) return {};
    const { service, log } = this.#options;
    const { serverSettings } = await import('../../servers/index.ts');
    const note = (message: string): void => log({ level: 'warn', message });
    const input = {
      flags: { servers: names },
      env: service.environment,
      cwd: service.folder,
      fetch: createFetch(),
      note,
    };
    return serverSettings(input).servers;
  }

  /** The database that the service names, or a sample one of the project's own. */
  async #database(): Promise<string> {
    const { service, project } = this.#options;
    const named = service.environment['SQLITE_DB_FILE'];
    if (named) return resolvePath(service.folder, named);
    const file = `${project.paths.state}/sample.sqlite`;
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (!exists) await (await import('../../servers/sample-database.ts')).createSampleDatabase(file);
    return file;
  }
}

function listOf(value: string | undefined): string[] | undefined {
  const parts = value?.split(',').map((part) => part.trim());
  return parts?.some((part) => part !== '') ? parts.filter((part) => part !== '') : undefined;
}

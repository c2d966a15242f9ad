import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../../errors.ts';
import type { startGateway } from '../../gateway/index.ts';
import type { Log } from '../../net/log.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { ServiceStatus } from '../engine.ts';
import { parseListenAddress } from '../listen-address.ts';
import { portBusy } from '../port-busy.ts';
import { gatewayUrl } from '../routes.ts';
import type { GatewayCertificate } from '../certificate.ts';
import type { HostMap } from './host-map.ts';
import { mirrorOnIPv6, type Relay } from './ipv6-mirror.ts';
import type { GatewayPart } from './part.ts';
import { probeGateway } from './probe.ts';

export interface GatewayServiceOptions {
  project: Project;
  options: Options;
  certificate: GatewayCertificate;
  hosts: HostMap;
  hash: string;
  log: Log;
  env: Readonly<Record<string, string | undefined>>;
  /** Settled when every service was started, and so has its place in the host map. */
  servicesStarted: Promise<unknown>;
  /** The log of a companion. */
  logOf: (name: string) => Log;
  /** Told about processes of its own as they come and go. */
  onProcess: (name: string, identity: ProcessIdentity | undefined) => void;
}

/** Milliseconds that calls in flight have to end in. */
const GRACE_MS = 3_000;

/** The development gateway, inside the engine's own process. */
export class GatewayService implements GatewayPart {
  readonly name = 'gateway';
  readonly kind = 'gateway';
  readonly companions = [];
  readonly hash: string;
  readonly #options: GatewayServiceOptions;
  #inForce: Options;
  /** Hosts without a certificate. */
  #outside: readonly string[];
  #running: Awaited<ReturnType<typeof startGateway>> | undefined;
  #mirror: Relay | undefined;

  constructor(options: GatewayServiceOptions) {
    this.hash = options.hash;
    this.#options = options;
    this.#inForce = options.options;
    this.#outside = options.certificate.outside;
  }

  async start(): Promise<void> {
    const { project, options, certificate, hosts, log } = this.#options;
    const { startGateway } = await import('../../gateway/index.ts');
    const listen = parseListenAddress(options.address);
    await mkdir(dirname(project.paths.gatewayState), { recursive: true, mode: 0o700 });
    try {
      this.#running = await startGateway({
        options,
        listen,
        stateFile: project.paths.gatewayState,
        // No `tls`: the certificate is the one of CERTIFICATE_FILE, and a reload reads it anew.
        resolve: hosts.resolve,
        ca: [certificate.authority],
        log,
        // Client metadata documents of a developer's own programs are on this machine.
        allowPrivateMetadataHosts: true,
        strict: project.settings.strict === true,
        faults: [],
      });
    } catch (error) {
      throw await explain(error, listen.port);
    }
    if (options.address.startsWith(':')) this.#mirror = await mirrorOnIPv6(this.#running.address.port);
  }

  async reload(options: Options, _project: Project, outside: readonly string[]): Promise<void> {
    this.#running?.reload(options);
    this.#inForce = options;
    this.#outside = outside;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#mirror?.close(), this.#running?.close(GRACE_MS)]);
    this.#running = undefined;
  }

  async status(): Promise<ServiceStatus> {
    const address = this.#running?.address;
    const { authority } = this.#options.certificate;
    const fault = address ? await probeGateway(this.#inForce, authority, address, this.#outside) : undefined;
    return {
      name: this.name,
      kind: this.kind,
      state: address ? 'running' : 'stopped',
      health: address && fault === undefined ? 'healthy' : 'unhealthy',
      restarts: 0,
      ...(address ? { address: `${address.host}:${address.port}` } : {}),
      ...(fault === undefined ? {} : { detail: fault }),
    };
  }

  summary(): string {
    const { domain, port } = this.#options.project.settings;
    return `${gatewayUrl(domain, port)} (development gateway)`;
  }

  /** Who is signed in; the latest expiry of each user's sessions counts. */
  users(): { email: string; expiresAt: string; sessions: number }[] {
    const byEmail = new Map<string, { expires: number; sessions: number }>();
    for (const { email, expiresAt } of this.#running?.stats().users ?? []) {
      const known = byEmail.get(email) ?? { expires: 0, sessions: 0 };
      byEmail.set(email, { expires: Math.max(known.expires, expiresAt), sessions: known.sessions + 1 });
    }
    return [...byEmail].map(([email, { expires, sessions }]) => ({
      email,
      expiresAt: new Date(expires).toISOString(),
      sessions,
    }));
  }

  get address(): string | undefined {
    const address = this.#running?.address;
    return address && `${address.host}:${address.port}`;
  }
}

/** Why the gateway could not listen, with who holds the port and what helps here. */
async function explain(error: unknown, port: number): Promise<unknown> {
  if (!(error instanceof CliError) || !(error.cause instanceof Error)) return error;
  const { code } = error.cause as NodeJS.ErrnoException;
  if (error.code === 'PORT_BUSY') {
    return portBusy(port, 'the gateway', `or move this project: mcpgw up --port ${port + 1000} --save`);
  }
  if (error.code !== 'LISTEN_FAILED' || code !== 'EACCES') return error;
  return new CliError({
    code: 'PORT_FORBIDDEN',
    message: `port ${port} (the gateway) may be opened by the administrator only`,
    fix: `sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${port}\nor move this project: mcpgw up --port 8443 --save`,
    cause: error,
  });
}

import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { PlanStep, ProgressEvent, StackStatus } from '../engine.ts';
import { noSuchService } from '../no-such-service.ts';
import { describeRoutes, gatewayUrl } from '../routes.ts';
import { certificateNews, ensureGatewayCertificate, type GatewayCertificate } from '../certificate.ts';
import { Children, type OnChildren } from './children.ts';
import type { Running } from './control-protocol.ts';
import { createGateway } from './create-gateway.ts';
import { createHostMap } from './host-map.ts';
import { IdentityProvider } from './identity-provider.ts';
import { createService } from './create-service.ts';
import type { LogBook } from './log-book.ts';
import type { GatewayPart, ServicePart } from './part.ts';
import { assertPortsFree } from './ports.ts';
import { planChanges } from './plan-changes.ts';
import { createToolCounts } from './tool-counts.ts';
import { backgroundEngine, runnableServices, wantedOf, type RunnableService } from './wanted.ts';
import { within } from './within.ts';

export interface SupervisorOptions {
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  /** How to start this program again: what `mcpgw` means in `x-mcpgw.run`. */
  program: readonly string[];
  logs: LogBook;
  now: () => number;
  /** Told about the parts that come before anything can be ready. */
  report: (event: ProgressEvent) => void;
  /** Told when a child process came or went. */
  onChildren: OnChildren;
}

/** Milliseconds that calls in flight get to finish. */
const GRACE = 6_000;
/** Milliseconds for the last bytes of the servers' answers to pass the gateway. */
const LAST_BYTES = 30;

/** Runs the parts of one project and changes them as its files change. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #hosts = createHostMap();
  readonly #tools = createToolCounts();
  readonly #children: Children;
  readonly #services = new Map<string, ServicePart>();
  readonly #engine: Running['engine'];
  #project: Project;
  #inForce: Options;
  /** What the running parts were made from; parts that failed to start are not in it. */
  #configuration = '';
  #users = '';
  #certificate: GatewayCertificate | undefined;
  #issuing: Promise<GatewayCertificate> | undefined;
  #idp: IdentityProvider | undefined;
  #gateway: GatewayPart | undefined;
  #servicesStarted: Promise<unknown> = Promise.resolve();

  constructor(project: Project, inForce: Options, options: SupervisorOptions) {
    this.#engine = backgroundEngine(project.settings);
    this.#project = project;
    this.#inForce = inForce;
    this.#options = options;
    this.#children = new Children(options.onChildren);
  }

  get running(): Running {
    return {
      version: this.#options.version,
      engine: this.#engine,
      gateway: { listener: this.#gateway?.hash ?? '', configuration: this.#configuration },
      idp: this.#idp?.hash ?? '',
      users: this.#users,
      services: [...this.#services.values()].map(({ name, hash }) => ({ name, hash })),
    };
  }

  get parts(): ServicePart[] {
    const gateway = this.#gateway ? [this.#gateway, ...this.#gateway.companions] : [];
    return [...gateway, ...(this.#idp ? [this.#idp] : []), ...this.#services.values()];
  }

  get gatewayAddress(): string | undefined {
    return this.#gateway?.address;
  }

  /** Starts everything side by side. Rejects when the gateway or the identity provider cannot start. */
  async start(): Promise<void> {
    const wanted = this.#wanted();
    const started = Promise.withResolvers<void>();
    this.#servicesStarted = started.promise;
    const gateway = this.#startGateway(wanted);
    const services = runnableServices(this.#project).map(async (service) => this.#startService(service));
    void Promise.allSettled(services).then(() => started.resolve());
    // All of them come to rest before a failure is told, so that stop() finds every one that did start.
    const results = await Promise.allSettled([gateway, this.#startIdp(wanted), ...services]);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    this.#accept(wanted);
  }

  /** Carries out what is different in `project`; the steps that were taken are the result. */
  async apply(project: Project, options: Options): Promise<PlanStep[]> {
    const wanted = wantedOf(project, options, this.#options.version);
    const steps = planChanges(wanted, this.running);
    // Before anything is stopped: a port that moves must be free at its new place.
    const held = { settings: this.#project.settings, options: this.#inForce };
    await assertPortsFree({ settings: project.settings, options }, held);
    this.#project = project;
    this.#inForce = options;
    for (const step of steps) await this.#take(step, wanted);
    this.#accept(wanted);
    return steps;
  }

  /** Gives the gateway a changed configuration, without a look at the other parts. When it cannot be used, nothing changes. */
  async reloadGateway(project: Project, options: Options): Promise<void> {
    const before = [this.#project, this.#inForce] as const;
    [this.#project, this.#inForce] = [project, options];
    try {
      await this.#take({ kind: 'reload-gateway', text: '' }, this.#wanted());
      this.#configuration = this.#wanted().gateway.configuration;
    } catch (error) {
      [this.#project, this.#inForce] = before;
      throw error;
    }
  }

  async restartService(name: string): Promise<void> {
    const known = this.parts.map((part) => part.name);
    if (!known.includes(name)) throw noSuchService(name, known);
    await this.#take({ kind: 'restart-service', service: name, text: `restart ${name}` }, this.#wanted());
  }

  /** The servers first: they let calls in flight finish, whose answers still need the gateway to go through. */
  async stop(): Promise<void> {
    await Promise.all([...this.#services.values()].map(async (part) => within(GRACE, part.stop())));
    await new Promise((resolve) => setTimeout(resolve, LAST_BYTES));
    await Promise.all([this.#gateway, this.#idp].map(async (part) => within(GRACE, part?.stop())));
  }

  /** Ends the servers that are processes of their own, at once: for when this process itself is lost. */
  abandon(): void {
    this.#children.abandon();
  }

  async status(): Promise<Omit<StackStatus, 'state' | 'pid' | 'version' | 'startedAt' | 'pending'>> {
    const { settings, name, folder } = this.#project;
    const address = this.gatewayAddress;
    const services = await Promise.all(this.parts.map(async (part) => part.status()));
    await this.#tools.refresh(this.#project, this.#inForce, this.#hosts.resolve);
    return {
      engine: backgroundEngine(settings),
      project: { name, folder },
      gateway: { url: gatewayUrl(settings.domain, settings.port), ...(address ? { address } : {}) },
      ...(this.#certificate ? { certificate: this.#certificate.status } : {}),
      services,
      routes: describeRoutes(this.#inForce, this.#tools.of),
      users: this.#gateway?.users() ?? [],
    };
  }

  #wanted(): Running {
    return wantedOf(this.#project, this.#inForce, this.#options.version);
  }

  #accept(wanted: Running): void {
    this.#configuration = wanted.gateway.configuration;
    this.#users = wanted.users;
  }

  async #take({ kind, service = '' }: PlanStep, wanted: Running): Promise<void> {
    if (kind === 'reload-gateway') {
      // A new route is a new host, which the certificate has to name.
      const { outside } = await this.#ensureCertificate();
      return this.#gateway?.reload(this.#inForce, this.#project, outside);
    }
    if (kind === 'update-users') return this.#idp?.update(this.#project, this.#inForce);
    if (service === 'gateway') {
      await within(GRACE, this.#gateway?.stop());
      this.#gateway = undefined;
      return this.#startGateway(wanted);
    }
    if (service === 'idp') {
      await within(GRACE, this.#idp?.stop());
      this.#idp = undefined;
      return this.#startIdp(wanted);
    }
    const companion = this.#gateway?.companions.find((part) => part.name === service);
    if (companion) {
      await within(GRACE, companion.stop());
      return companion.start();
    }
    await this.#services.get(service)?.stop();
    this.#services.delete(service);
    this.#hosts.delete(service);
    const found = runnableServices(this.#project).find((one) => one.name === service);
    if (found && kind !== 'stop-service') await this.#startService(found);
  }

  async #startGateway(wanted: Running): Promise<void> {
    const { report, logs } = this.#options;
    const log = logs.of('gateway').log;
    report({ part: 'certificate', state: 'working', text: '' });
    report({ part: 'gateway', state: 'working', text: '' });
    const certificate = await this.#ensureCertificate();
    const gateway = await createGateway({
      project: this.#project,
      options: this.#inForce,
      certificate,
      hosts: this.#hosts,
      hash: wanted.gateway.listener,
      log,
      env: this.#options.env,
      servicesStarted: this.#servicesStarted,
      logOf: (name) => logs.of(name).log,
      onProcess: (name, identity) => this.#children.note(name, identity),
    });
    // Known before it is ready: a stop in between has to find what it started so far.
    this.#gateway = gateway;
    await this.#startOrTell(gateway).catch(async (error: unknown) => {
      await gateway.stop();
      this.#gateway = undefined;
      throw error;
    });
  }

  async #ensureCertificate(): Promise<GatewayCertificate> {
    const { report, logs, now } = this.#options;
    this.#issuing = ensureGatewayCertificate(this.#project, this.#inForce, now());
    const certificate = await this.#issuing;
    for (const message of certificate.notes) logs.of('gateway').log({ level: 'info', message });
    this.#certificate = certificate;
    report({ part: 'certificate', ...certificateNews(certificate, this.#project.settings.domain) });
    return certificate;
  }

  async #startIdp(wanted: Running): Promise<void> {
    if (wanted.idp === '') return;
    this.#options.report({ part: 'idp', state: 'working', text: '' });
    const log = this.#options.logs.of('idp').log;
    const idp = new IdentityProvider({ project: this.#project, options: this.#inForce, hash: wanted.idp, log });
    await this.#startOrTell(idp);
    this.#idp = idp;
  }

  async #startOrTell(part: ServicePart): Promise<void> {
    try {
      await part.start();
    } catch (error) {
      this.#options.report({ part: part.name, state: 'failed', text: 'not started' });
      throw error;
    }
  }

  async #startService(service: RunnableService): Promise<void> {
    const { name } = service;
    const part = await createService({
      service,
      project: this.#project,
      options: this.#inForce,
      env: this.#options.env,
      program: this.#options.program,
      hosts: this.#hosts,
      authority: async () => (await this.#issuing)?.authority ?? '',
      log: this.#options.logs.of(name).log,
      onProcess: (identity) => this.#children.note(name, identity),
    });
    this.#services.set(name, part);
    await part.start();
  }
}

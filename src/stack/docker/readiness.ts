import { setTimeout as sleep } from 'node:timers/promises';
import type { CliError } from '../../errors.ts';
import type { Fetch } from '../../net/fetch.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import type { PlanStep, ProgressEvent } from '../engine.ts';
import { gatewayUrl } from '../routes.ts';
import { certificatePending, readIssuance } from './autocert.ts';
import type { Container } from './container.ts';
import type { DockerApi } from './docker-api.ts';
import { explainLog, serviceFailed } from './failure.ts';
import { settle, type Failure, type Verdict } from './health.ts';
import { fetchLog, type StampedLogLine } from './log-fetch.ts';
import { probeFetch, probeGateway, probeIdp } from './reach.ts';
import type { Survey } from './survey.ts';

export interface ReadinessScene {
  project: Project;
  options: Options;
  api: DockerApi;
  survey: Survey;
  report: (event: ProgressEvent) => void;
  signal: AbortSignal;
}

/** Milliseconds for one answer of a probe. */
const PROBE_TIMEOUT = 2_000;
/** Milliseconds for a last look once Compose has given up. */
const LAST_LOOK = 400;
const LOG_LINES = 200;

/** How far the containers of one start have come, and what is wrong where they do not come further. */
export class Readiness {
  readonly #scene: ReadinessScene;

  constructor(scene: ReadinessScene) {
    this.#scene = scene;
  }

  /** Waits until each service is ready, while Compose works (`composed`). Throws what explains the first that is not. */
  async settle(services: readonly string[], composed: Promise<void>): Promise<void> {
    const { project, options, survey, report, signal } = this.#scene;
    const fetch = await probeFetch(project, options, PROBE_TIMEOUT);
    const stop = new AbortController();
    let isComposed = false;
    const over = composed.finally(() => (isComposed = true));
    const passing = passingContainers(survey, services);
    const waiting = settle({
      services,
      look: async () => this.containers(),
      probe: async (service) => this.#probe(service, fetch),
      isPassing: ({ id }) => !isComposed && passing.has(id),
      before: new Map(survey.containers.map(({ id, restarts }) => [id, restarts])),
      suspect: async (_service, container) => {
        const known = (await this.explain(container)) ?? (await this.#certificateRefused(container));
        if (known) throw known;
      },
      report,
      signal: AbortSignal.any([signal, stop.signal]),
    });
    waiting.catch(() => undefined);
    // Compose waits for what services depend on, and fails when that fails; then the service's own words say more.
    const judged = over.then(
      async () => waiting,
      async (error: unknown) => {
        const found = await Promise.race([waiting.catch(() => undefined), sleep(LAST_LOOK, undefined)]);
        return found ?? (await this.#failureOf(services)) ?? Promise.reject(error);
      },
    );
    try {
      const failure = await Promise.race([judged, waiting.then(async (found) => found ?? judged)]);
      if (failure) throw await this.#errorOf(failure);
    } finally {
      stop.abort();
    }
  }

  /** Throws when a container has failed since. */
  async assertAlive(): Promise<void> {
    const failed = await this.#failureOf(this.#scene.survey.model.services.map(({ name }) => name));
    if (failed) throw await this.#errorOf(failed);
  }

  /** Throws what the gateway says of itself though it runs: that it refused its file, or cannot use its database. */
  async assertTaken(): Promise<void> {
    const gateway = (await this.containers()).find(({ service }) => service === this.#scene.survey.roles.gateway);
    const known = gateway && (await this.explain(gateway));
    if (known) throw known;
  }

  async containers(): Promise<Container[]> {
    return this.#scene.api.containers({ project: this.#scene.survey.model.name });
  }

  /** What a container's own words explain; undefined: nothing is wrong that is known. */
  async explain(container: Container): Promise<CliError | undefined> {
    const { configText, parsed } = this.#scene.project;
    const lines = await this.log(container);
    return explainLog({ service: container.service, lines, configText, problems: parsed.problems });
  }

  /** What it said since it was last started. */
  async log(container: Container): Promise<StampedLogLine[]> {
    const lines = await fetchLog(this.#scene.api, container, { tail: LOG_LINES });
    // One that is started again and again has been started after its last words.
    if (container.state !== 'running' || container.restarts > 0) return lines;
    const since = container.startedAt.slice(0, 19);
    return lines.filter(({ time }) => time >= since);
  }

  /** A public gateway goes on without a certificate that it was refused, and does not ask again by itself. */
  async #certificateRefused(container: Container): Promise<CliError | undefined> {
    const { project, survey } = this.#scene;
    if (project.settings.address !== 'public' || container.service !== survey.roles.gateway) return undefined;
    const lines = await this.log(container);
    const { failed, pending } = readIssuance(lines);
    return failed.length > 0 && pending.length === 0 ? certificatePending(lines) : undefined;
  }

  async #errorOf({ service, container, text }: Failure): Promise<CliError> {
    return (await this.explain(container)) ?? serviceFailed({ service, lines: await this.log(container) }, text);
  }

  /** A container that has failed by now. */
  async #failureOf(services: readonly string[]): Promise<Failure | undefined> {
    const failed = (await this.containers()).find(
      ({ service, state, health, exitCode }) =>
        services.includes(service) &&
        ((state === 'exited' && exitCode !== 0) || state === 'restarting' || health === 'unhealthy'),
    );
    return failed && { service: failed.service, container: failed, text: describeEnd(failed) };
  }

  async #probe(service: string, fetch: Fetch): Promise<Verdict | undefined> {
    const { survey, options, project } = this.#scene;
    const { gateway, idp } = survey.roles;
    if (service === gateway) {
      const fault = await probeGateway(options, fetch);
      if (fault !== undefined) return { kind: 'waiting', text: fault };
      return { kind: 'ready', text: gatewayUrl(project.settings.domain, project.settings.port) };
    }
    const url = options.idp_provider_url;
    if (service !== idp || !url) return undefined;
    const fault = await probeIdp(url, fetch);
    if (fault !== undefined) return { kind: 'waiting', text: fault };
    return { kind: 'ready', text: `${url} (users ${Object.keys(project.settings.users).join(', ')})` };
  }
}

/** Containers from before that Compose is about to replace or start: what they are says nothing of what will be. */
function passingContainers({ steps, containers }: Survey, services: readonly string[]): Set<string> {
  const isStart = steps.some(({ kind }) => kind === 'start-engine');
  const touched = new Set(isStart ? services : steps.flatMap(touchedBy));
  return new Set(containers.filter(({ service }) => touched.has(service)).map(({ id }) => id));
}

function touchedBy({ kind, service }: PlanStep): string[] {
  return service === undefined || kind === 'reload-gateway' ? [] : [service];
}

function describeEnd({ state, health, exitCode }: Container): string {
  if (health === 'unhealthy') return 'runs, and its health check fails';
  return `${state === 'restarting' ? 'ends again and again' : 'ended'} with exit code ${exitCode}`;
}

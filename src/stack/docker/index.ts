import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ctx } from '../../context.ts';
import type { Options } from '../../pomerium/model.ts';
import { loadProject, projectPaths, renderConfig, type Project, type ProjectPaths } from '../../project/index.ts';
import { optionsOrThrow } from '../config-error.ts';
import type { Applied, ApplyOptions, Engine, Plan, StackStatus, Stopped } from '../engine.ts';
import type { LogSource } from '../logs/log-source.ts';
import { composeDown, openCompose, type Compose } from './compose.ts';
import { rolesOf } from './compose-model.ts';
import type { Container } from './container.ts';
import { connectDocker, type DockerApi } from './docker-api.ts';
import { findEndpoint } from './endpoint.ts';
import { composeDigest, composeEnvironment } from './environment.ts';
import { dockerLogs } from './log-source.ts';
import { endUp } from './pending-up.ts';
import type { StartScene } from './start.ts';
import { digestOf, readState, removeState } from './state-file.ts';
import { describeContainers, describeStack } from './status.ts';
import type { Survey } from './survey.ts';

export type DockerContext = Pick<Ctx, 'env' | 'now'>;

interface Loaded {
  project: Project;
  options: Options;
  compose: Compose;
}

/** The real Pomerium and its neighbours, as containers of the project's compose file. */
export class DockerEngine implements Engine {
  readonly patience = 120_000;
  readonly #ctx: DockerContext;
  readonly #folder: string;
  readonly #paths: ProjectPaths;
  #api: Promise<DockerApi> | undefined;
  /** What a plan was made from: carrying it out needs all of it again. */
  #planned: { plan: Plan; loaded: Loaded; survey: Survey } | undefined;

  constructor(folder: string, ctx: DockerContext) {
    this.#folder = folder;
    this.#ctx = ctx;
    this.#paths = projectPaths(folder);
  }

  async plan(): Promise<Plan> {
    const loaded = await this.#load();
    const survey = await this.#survey(loaded);
    const plan = { steps: survey.steps, warnings: [] };
    this.#planned = { plan, loaded, survey };
    return plan;
  }

  async apply(plan: Plan, options: ApplyOptions): Promise<Applied> {
    const loaded = this.#planned?.plan === plan ? this.#planned.loaded : await this.#load();
    const survey = this.#planned?.plan === plan ? this.#planned.survey : await this.#survey(loaded);
    const { Start } = await import('./start.ts');
    return new Start(await this.#scene(loaded, survey)).run(options);
  }

  async restartService(service: string, options: ApplyOptions): Promise<Applied> {
    const loaded = await this.#load();
    const { Start } = await import('./start.ts');
    return new Start(await this.#scene(loaded, await this.#survey(loaded))).restart(service, options);
  }

  async status(): Promise<StackStatus> {
    const [loaded, api, state, folder] = await Promise.all([
      this.#load().catch((error: unknown) => error),
      this.#connect(),
      readState(this.#paths.state),
      this.#realFolder(),
    ]);
    const containers = await api.containers({ folder });
    if (!isLoaded(loaded)) {
      if (containers.length === 0) throw loaded;
      const fault = loaded instanceof Error ? loaded.message : String(loaded);
      return describeContainers(api, containers, { folder, name: (await this.#projectName()) ?? folder, fault });
    }
    const { project, options } = loaded;
    const names = project.services.map(({ name }) => name);
    const roles = rolesOf(
      project.services.map(({ name, environment }) => ({
        name,
        environment,
        mounts: containers.find(({ service }) => service === name)?.mounts ?? [],
      })),
    );
    const [status, pending] = await Promise.all([
      describeStack({ api, containers, project, options, roles, services: names, state, now: this.#ctx.now() }),
      this.#pending(loaded, containers),
    ]);
    return { ...status, pending: status.state === 'stopped' ? [] : pending };
  }

  logs(): LogSource {
    return dockerLogs({
      api: async () => this.#connect(),
      containers: async () => this.#containers(),
      alias: (name) => (name === 'gateway' ? 'pomerium' : name),
    });
  }

  async stop(): Promise<Stopped> {
    await endUp(this.#paths.state);
    const containers = await this.#containers();
    if (containers.length === 0) return { stopped: [], cleaned: false };
    const project = await this.#projectName();
    if (project !== undefined) await composeDown(project, this.#ctx.env, { volumes: false });
    const running = containers.filter(({ state }) => ['running', 'restarting', 'paused'].includes(state));
    return { stopped: running.map(({ service }) => service).sort(), cleaned: running.length === 0 };
  }

  async deleteData(): Promise<string[]> {
    const project = await this.#projectName();
    await Promise.all([
      rm(join(this.#paths.state, 'probe'), { recursive: true, force: true }),
      removeState(this.#paths.state),
    ]);
    if (project === undefined) return [];
    const [api, { assertOwn }] = await Promise.all([this.#connect(), import('./survey.ts')]);
    assertOwn(project, await this.#realFolder(), await api.containers({ project }));
    const volumes = await api.volumes(project);
    await composeDown(project, this.#ctx.env, { volumes: true });
    return volumes;
  }

  async #load(): Promise<Loaded> {
    const project = await loadProject(this.#folder, this.#ctx.env);
    const options = optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml');
    // PWD would let Compose find the folder under another name than the system's.
    const env = { ...composeEnvironment(project, this.#ctx.env), PWD: undefined };
    const compose = openCompose({ cwd: await this.#realFolder(), env });
    return { project, options, compose };
  }

  async #survey({ project, options, compose }: Loaded): Promise<Survey> {
    // Loaded here and not above: `status` and `logs` seldom need it.
    const { survey } = await import('./survey.ts');
    const [api, state] = await Promise.all([this.#connect(), readState(this.#paths.state)]);
    const own = { ...project, folder: await this.#realFolder() };
    return survey({ api, compose, project: own, options, env: this.#ctx.env, state, now: this.#ctx.now() });
  }

  async #scene(loaded: Loaded, survey: Survey): Promise<StartScene> {
    const { env, now } = this.#ctx;
    const render = async (): Promise<void> => void (await renderConfig(loaded.project));
    return { ...loaded, env, now, api: await this.#connect(), survey, render };
  }

  /** Compose is asked only where what it reads has changed since the last `up`: it would take longer than all the rest. */
  async #pending(loaded: Loaded, containers: Container[]): Promise<string[]> {
    const { project } = loaded;
    const state = await readState(this.#paths.state);
    const isSame =
      state?.compose === (await composeDigest(project, this.#ctx.env)) &&
      state.config === digestOf(project.configText) &&
      containers.every((container) => container.state === 'running');
    if (isSame || containers.length === 0) return [];
    const { steps } = await this.#survey(loaded);
    return steps.map((step) => step.text);
  }

  #connect(): Promise<DockerApi> {
    return (this.#api ??= findEndpoint(this.#ctx.env).then(connectDocker));
  }

  async #containers(): Promise<Container[]> {
    const api = await this.#connect();
    return api.containers({ folder: await this.#realFolder() });
  }

  /** Compose's name of this folder's project, also when its files are gone or broken. */
  async #projectName(): Promise<string | undefined> {
    const api = await this.#connect();
    const labelled = await api.projectOf(await this.#realFolder());
    if (labelled !== undefined) return labelled;
    const kept = (await readState(this.#paths.state))?.project;
    if (kept !== undefined) return kept;
    const text = await readFile(this.#paths.compose, 'utf8').catch(() => '');
    return /^name:\s*["']?([a-z0-9][a-z0-9_-]*)/m.exec(text)?.[1];
  }

  /** Compose writes the folder on its containers as the system names it. */
  async #realFolder(): Promise<string> {
    return realpath(this.#folder).catch(() => this.#folder);
  }
}

function isLoaded(value: unknown): value is Loaded {
  return typeof value === 'object' && value !== null && 'compose' in value;
}

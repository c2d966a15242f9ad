import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../../context.ts';
import { CliError, EXIT } from '../../errors.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Project } from '../../project/index.ts';
import { certificateNews, ensureGatewayCertificate } from '../certificate.ts';
import { deadline } from '../deadline.ts';
import type { Applied, ApplyOptions, PlanStep, ProgressEvent } from '../engine.ts';
import { noSuchService } from '../no-such-service.ts';
import { shortName } from '../routes.ts';
import { certificatePending } from './autocert.ts';
import type { Compose } from './compose.ts';
import type { DockerApi } from './docker-api.ts';
import { ensureImages } from './images.ts';
import { isProven, remember } from './last-up.ts';
import { messageOf } from './log-fetch.ts';
import { awaitUp, forgetUp } from './pending-up.ts';
import { assertPortsFree } from './ports.ts';
import { describeProofs, proveRoutes, Unproven } from './prove.ts';
import { probeFetch } from './reach.ts';
import { Readiness } from './readiness.ts';
import type { Survey } from './survey.ts';

export interface StartScene extends Pick<Ctx, 'env' | 'now'> {
  project: Project;
  options: Options;
  compose: Compose;
  api: DockerApi;
  survey: Survey;
  /** Writes the file that the gateway reads, where it is not the one that people edit. */
  render: () => Promise<void>;
}

/** One work under way: its end, whom to tell, and the containers it waits for. */
interface Work extends Pick<ApplyOptions, 'signal' | 'report'> {
  readiness: Readiness;
}

/** Milliseconds for one call. */
const CALL_TIMEOUT = 10_000;
/** Milliseconds for which a real call may fail once every container is ready: the gateway still reads its database. */
const CALL_PATIENCE = 15_000;
/** Milliseconds within which Pomerium v0.33.1 takes a changed file over, with some to spare. */
const RELOAD = 500;
const TOLD_LINES = 8;

/** One way from what runs to what the files want. */
export class Start {
  readonly #scene: StartScene;

  constructor(scene: StartScene) {
    this.#scene = scene;
  }

  async run(options: ApplyOptions): Promise<Applied> {
    // Outside of the deadline: how long a download takes says nothing of how long a start may take.
    await this.#prepare(options.pull ?? 'missing', options);
    return this.#within(options, async (work) => {
      const { model, steps } = this.#scene.survey;
      const composed = this.#needsCompose(options) ? (await this.#composeUp(work)).ended : Promise.resolve();
      if (!options.wait) {
        await composed;
        await remember(this.#scene, []);
        return { kind: 'begun' };
      }
      const services = model.services.map(({ name }) => name);
      await work.readiness.settle(services, composed);
      return this.#callRoutes(steps, work);
    });
  }

  async restart(service: string, options: ApplyOptions): Promise<Applied> {
    return this.#within(options, async (work) => {
      const { survey, compose } = this.#scene;
      const name = service === 'gateway' ? (survey.roles.gateway ?? service) : service;
      assertService(name, survey);
      await this.#prepareFiles(work.report);
      await compose.restart([name]);
      await work.readiness.settle([name], Promise.resolve());
      return this.#callRoutes([{ kind: 'restart-service', service: name, text: `restart ${name}` }], work);
    });
  }

  async #within(options: ApplyOptions, work: (work: Work) => Promise<Applied>): Promise<Applied> {
    const { project, options: wanted, api, survey } = this.#scene;
    const limit = deadline(options);
    const over = new AbortController();
    const waiting = new Map<string, string>();
    const report = (event: ProgressEvent): void => {
      if (event.state === 'working') waiting.set(event.part, event.text);
      else waiting.delete(event.part);
      options.report(event);
    };
    const signal = AbortSignal.any([limit.signal, over.signal]);
    const readiness = new Readiness({ project, options: wanted, api, survey, report, signal });
    try {
      return await work({ signal, report, readiness });
    } catch (error) {
      const parts = [...waiting].map(([part, text]) => (text ? `${part} (${text})` : part));
      throw limit.explain(error, parts);
    } finally {
      over.abort();
      limit.end();
    }
  }

  /** Everything before a container is touched. */
  async #prepare(
    policy: NonNullable<ApplyOptions['pull']>,
    { report, signal }: Pick<ApplyOptions, 'report' | 'signal'>,
  ): Promise<void> {
    const { api, survey, project, env } = this.#scene;
    await assertPortsFree(api, survey.model, survey.containers, survey.roles);
    await this.#prepareFiles(report);
    const images = survey.model.services.filter(({ builds }) => !builds).map(({ image }) => image);
    await ensureImages(images, survey.bundle, { api, cli: { cwd: project.folder, env }, policy, signal, report });
  }

  async #prepareFiles(report: (event: ProgressEvent) => void): Promise<void> {
    const { project, options, now, render } = this.#scene;
    await render();
    if (project.settings.address !== 'local') return;
    const certificate = await ensureGatewayCertificate(project, options, now());
    report({ part: 'certificate', ...certificateNews(certificate, project.settings.domain) });
  }

  /** What Pomerium takes over by itself needs no Compose, and neither does nothing at all. */
  #needsCompose({ pull }: ApplyOptions): boolean {
    return pull === 'always' || this.#scene.survey.steps.some(({ kind }) => kind !== 'reload-gateway');
  }

  /** Compose goes on when this program is interrupted; what it says is in a file. */
  async #composeUp({ signal, readiness }: Work): Promise<{ ended: Promise<void> }> {
    const { compose, project, survey } = this.#scene;
    const { state, logs } = project.paths;
    await awaitUp(state, signal);
    const up = await compose.up(join(logs, 'compose-output.txt'), state, signal);
    const work = async (): Promise<void> => {
      try {
        await up.ended;
      } finally {
        await forgetUp(state);
      }
      const { gateway } = survey.roles;
      if (!survey.isConfigReplaced || gateway === undefined) return;
      // Compose sees no difference in a file that was replaced; a container that it has just made anew has the new one.
      const before = survey.containers.find(({ service }) => service === gateway)?.id;
      const now = (await readiness.containers()).find(({ service }) => service === gateway)?.id;
      if (now === before) await compose.restart([gateway]);
    };
    const ended = work();
    // Whoever waits is told; until then it must not count as unheard.
    ended.catch(() => undefined);
    return { ended };
  }

  /** The last step: a real call to each route; and what all this has come to. */
  async #callRoutes(steps: PlanStep[], { signal, report, readiness }: Work): Promise<Applied> {
    const { project, options, now } = this.#scene;
    report({ part: 'calls', state: 'working', text: '' });
    const isReload = steps.some(({ kind }) => kind === 'reload-gateway');
    if (isReload) await sleep(RELOAD, undefined, { signal });
    try {
      const proofs = await proveRoutes({
        project,
        options,
        fetch: await probeFetch(project, options, CALL_TIMEOUT),
        now,
        signal,
        anew: !(await isProven(this.#scene)),
        patience: CALL_PATIENCE,
        report: (text) => report({ part: 'calls', state: 'working', text }),
        watch: async () => {
          await readiness.assertAlive();
          await readiness.assertTaken();
        },
      });
      if (isReload) await readiness.assertTaken();
      await remember(this.#scene, proofs);
      const isRefused = proofs.some(({ kind }) => kind === 'refused');
      report({ part: 'calls', state: isRefused ? 'warning' : 'ready', text: describeProofs(proofs) });
      return { kind: 'ready', steps };
    } catch (error) {
      if (!(error instanceof Unproven)) throw error;
      report({ part: 'calls', state: 'failed', text: error.message });
      return this.#unproven(error, steps, readiness);
    }
  }

  /** Everything runs, and a call does not go through: what the gateway said of it. */
  async #unproven(error: Unproven, steps: PlanStep[], readiness: Readiness): Promise<Applied> {
    const { survey, project } = this.#scene;
    const gateway = (await readiness.containers()).find(({ service }) => service === survey.roles.gateway);
    const lines = gateway ? await readiness.log(gateway) : [];
    const known =
      (gateway && (await readiness.explain(gateway))) ??
      (project.settings.address === 'public' ? certificatePending(lines) : undefined);
    if (known) throw known;
    const told = lines.filter(({ fields }) => ['error', 'warn'].includes(String(fields?.['level']))).map(messageOf);
    // Each try is told in the same words.
    const lastLines = [...new Set(told)].slice(-TOLD_LINES);
    const service = { name: shortName(error.route), detail: error.detail, lastLines };
    return { kind: 'unhealthy', steps, services: [service] };
  }
}

function assertService(name: string, { model, containers }: Survey): void {
  const names = model.services.map((service) => service.name);
  if (!names.includes(name)) throw noSuchService(name, names);
  if (containers.some(({ service }) => service === name)) return;
  throw new CliError({
    code: 'NOT_RUNNING',
    message: 'this project does not run',
    fix: 'mcpgw up',
    exit: EXIT.unhealthy,
  });
}

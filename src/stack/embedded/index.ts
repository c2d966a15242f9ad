import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ctx } from '../../context.ts';
import { CliError, EXIT } from '../../errors.ts';
import type { Options } from '../../pomerium/model.ts';
import { loadProject, projectPaths, type Project, type ProjectPaths } from '../../project/index.ts';
import { VERSION } from '../../version.ts';
import { optionsOrThrow } from '../config-error.ts';
import type { Applied, ApplyOptions, Engine, Plan, StackStatus, Stopped } from '../engine.ts';
import { folderLogs, type LogSource } from '../logs/log-source.ts';
import { connectToEngine, ConnectionLost, type ControlClient } from './control-client.ts';
import type { StatusResult } from './control-protocol.ts';
import { deadline } from '../deadline.ts';
import { cleanUpAfter, findEngine } from './engine-file.ts';
import { follow } from './follow.ts';
import { launchEngine } from './launch.ts';
import { planChanges } from './plan-changes.ts';
import { assertPortsFree } from './ports.ts';
import { ANSWER, stopEngine } from './stop-engine.ts';
import { stoppedStatus } from './stopped-status.ts';
import { wantedOf, warningsOf } from './wanted.ts';

export type EmbeddedContext = Pick<Ctx, 'env' | 'program'>;

/** The engine without Docker: everything in one background process of this program. */
export class EmbeddedEngine implements Engine {
  readonly patience = 20_000;
  readonly #ctx: EmbeddedContext;
  readonly #folder: string;
  readonly #paths: ProjectPaths;

  constructor(folder: string, ctx: EmbeddedContext) {
    this.#folder = folder;
    this.#ctx = ctx;
    this.#paths = projectPaths(folder);
  }

  async plan(): Promise<Plan> {
    const { project, options } = await this.#load();
    const found = await this.#ask();
    const steps = planChanges(wantedOf(project, options, VERSION), found?.running);
    return { steps, warnings: warningsOf(project, options) };
  }

  async apply(plan: Plan, options: ApplyOptions): Promise<Applied> {
    const [first] = plan.steps;
    if (first?.kind === 'restart-engine') await this.stop();
    if (first?.kind === 'start-engine' || first?.kind === 'restart-engine') return this.#start(options);
    const client = await this.#connect();
    try {
      return await follow(client, { ...options, method: first ? 'reload' : 'watch', logs: this.#paths.logs });
    } finally {
      client.close();
    }
  }

  async restartService(service: string, options: ApplyOptions): Promise<Applied> {
    const client = await this.#connect();
    try {
      return await follow(client, { ...options, method: 'restart-service', service, logs: this.#paths.logs });
    } finally {
      client.close();
    }
  }

  async status(): Promise<StackStatus> {
    const found = await this.#ask();
    const loaded = await this.#load().catch((error: unknown) => error);
    if (!found) {
      if (!isLoaded(loaded)) throw loaded;
      return stoppedStatus(loaded.project, loaded.options);
    }
    if (!isLoaded(loaded)) {
      const message = loaded instanceof Error ? loaded.message : String(loaded);
      return { ...found.status, pending: [`nothing: ${message}`] };
    }
    // While it starts, nothing is in force yet, and nothing has to be done about it.
    if (found.status.state === 'starting') return found.status;
    const steps = planChanges(wantedOf(loaded.project, loaded.options, VERSION), found.running);
    return { ...found.status, pending: steps.map((step) => step.text) };
  }

  logs(): LogSource {
    return folderLogs(this.#paths.logs);
  }

  async stop(): Promise<Stopped> {
    return stopEngine(this.#paths.state);
  }

  /** Certificates and logs stay. */
  async deleteData(): Promise<string[]> {
    const { gatewayState, idpState, state } = this.#paths;
    // The last two are the native engine's, of which a project may have been one.
    const folders = [dirname(gatewayState), join(state, 'pomerium'), join(state, 'postgres')];
    await Promise.all(folders.map(async (folder) => rm(folder, { recursive: true, force: true })));
    // SQLite's own files beside the database.
    await Promise.all(
      ['', '-wal', '-shm', '-journal'].map(async (suffix) => rm(`${idpState}${suffix}`, { force: true })),
    );
    return ['.mcpgw/gateway', '.mcpgw/idp.sqlite'];
  }

  async #load(): Promise<{ project: Project; options: Options }> {
    const project = await loadProject(this.#folder, this.#ctx.env);
    return { project, options: optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml') };
  }

  /** What the running engine says of itself; undefined when none runs. */
  async #ask(): Promise<StatusResult | undefined> {
    const found = await findEngine(this.#paths.state);
    if (found.kind !== 'running') return undefined;
    const client = await connectToEngine(found.socket);
    try {
      if (!client) throw new ConnectionLost();
      return await client.request<StatusResult>('status', { signal: AbortSignal.timeout(ANSWER) });
    } catch (error) {
      if (error instanceof CliError) throw error;
      // It may have ended in the very moment it was asked.
      if ((await findEngine(this.#paths.state)).kind !== 'running') return undefined;
      throw silent(found.record?.pid, error);
    } finally {
      client?.close();
    }
  }

  async #connect(): Promise<ControlClient> {
    const found = await findEngine(this.#paths.state);
    const client = found.kind === 'running' ? await connectToEngine(found.socket) : undefined;
    if (client) return client;
    throw new CliError({
      code: 'NOT_RUNNING',
      message: 'this project does not run',
      fix: 'mcpgw up',
      exit: EXIT.unhealthy,
    });
  }

  async #start(options: ApplyOptions): Promise<Applied> {
    const { project, options: wanted } = await this.#load();
    const found = await findEngine(this.#paths.state);
    if (found.kind === 'stale') await cleanUpAfter(this.#paths.state, found.record);
    await assertPortsFree({ settings: project.settings, options: wanted });
    const limit = deadline(options);
    try {
      const { client, explainDeath, ended } = await launchEngine({
        folder: this.#folder,
        state: this.#paths.state,
        logs: this.#paths.logs,
        program: this.#ctx.program,
        env: this.#ctx.env,
        signal: limit.signal,
      });
      try {
        if (!options.wait) return { kind: 'begun' };
        return await follow(client, { ...options, method: 'watch', logs: this.#paths.logs });
      } catch (error) {
        if (error instanceof ConnectionLost) throw await explainDeath();
        if (error instanceof CliError && error.exit === EXIT.failed) await ended();
        throw error;
      } finally {
        client.close();
      }
    } catch (error) {
      throw limit.explain(error, ['engine']);
    } finally {
      limit.end();
    }
  }
}

function isLoaded(value: unknown): value is { project: Project; options: Options } {
  return typeof value === 'object' && value !== null && 'project' in value && 'options' in value;
}

function silent(pid: number | undefined, cause: unknown): CliError {
  return new CliError({
    code: 'ENGINE_SILENT',
    message: `the engine${pid === undefined ? '' : ` (pid ${pid})`} runs but does not answer`,
    fix: 'mcpgw restart',
    exit: EXIT.unhealthy,
    cause,
  });
}

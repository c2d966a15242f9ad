import { mkdir, stat } from 'node:fs/promises';
import { CliError } from '../../errors.ts';
import { loadProject, projectPaths, type Project } from '../../project/index.ts';
import { untilAborted } from '../../until-aborted.ts';
import { optionsOrThrow } from '../config-error.ts';
import type { PlanStep, ServiceStatus, StackStatus } from '../engine.ts';
import { identify } from '../process-identity.ts';
import { gatewayUrl } from '../routes.ts';
import { createAnnouncements, type Report } from './announcements.ts';
import { socketPath, type ControlRequest } from './control-protocol.ts';
import { failureOf, listenForControl, type ControlServer } from './control-server.ts';
import { cleanUpAfter, findEngine, removeTraces, writeRecord, type EngineRecord } from './engine-file.ts';
import { followFiles } from './follow-files.ts';
import { openLogBook, type LogBook } from './log-book.ts';
import { settle } from './settle.ts';
import { Supervisor } from './supervisor.ts';
import { within } from './within.ts';

export interface EngineProcessOptions {
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  /** How to start this program again. */
  program: readonly string[];
  version: string;
  now: () => number;
  /** Aborted by SIGTERM and Ctrl+C. */
  signal: AbortSignal;
}

/** Milliseconds between looks at the project's folder: an engine whose project was deleted ends itself. */
const FOLDER_CHECK = 5_000;
/** Milliseconds that `up` has to connect and hear the reason of a failed start. */
const LAST_WORDS = 1_000;

/** The background process: runs a project until it is told to stop. */
export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #state: string;
  readonly #logs: LogBook;
  readonly #over = new AbortController();
  #record: EngineRecord;
  #writing: Promise<void> = Promise.resolve();
  /** Changes are made one after the other. */
  #changing: Promise<unknown> = Promise.resolve();
  #started = false;
  /** Inode of the state folder. */
  #folderId: number | undefined;
  readonly #announcements = createAnnouncements();
  /** Settled when the start is over. */
  readonly #starting = Promise.withResolvers<void>();
  readonly #supervisor: Supervisor;
  readonly #project: Project;
  /** Once everything was started. */
  #following: { close(): void } | undefined;

  private constructor(project: Project, options: EngineProcessOptions, record: EngineRecord, logs: LogBook) {
    this.#options = options;
    this.#project = project;
    this.#state = project.paths.state;
    this.#record = record;
    this.#logs = logs;
    this.#supervisor = new Supervisor(project, optionsOf(project), {
      version: options.version,
      env: options.env,
      program: options.program,
      logs,
      now: options.now,
      report: (event) => this.#announcements.tell(event),
      onChildren: (children) => this.#note({ children }),
    });
  }

  /** Runs until the signal is aborted or a client says `stop`. Throws when the project cannot be started. */
  static async run(options: EngineProcessOptions): Promise<void> {
    const paths = projectPaths(options.folder);
    // First: a folder that is no project gets none of what follows.
    const project = await loadProject(options.folder, options.env);
    await mkdir(paths.state, { recursive: true, mode: 0o700 });
    await makeWay(paths.state);
    const socket = socketPath(paths.state);
    const self = await identify(process.pid);
    const record: EngineRecord = {
      pid: process.pid,
      start: self?.start ?? '',
      version: options.version,
      stateFolder: paths.state,
      socket,
      startedAt: new Date(options.now()).toISOString(),
      gateway: { url: gatewayUrl(project.settings.domain, project.settings.port) },
      children: [],
    };
    const engine = new EngineProcess(project, options, record, openLogBook(paths.logs));
    await engine.#run(socket);
  }

  async #run(socket: string): Promise<void> {
    const { signal } = this.#options;
    const log = this.#logs.of('engine').log;
    this.#guardAgainstLoss();
    await writeRecord(this.#state, this.#record);
    this.#folderId = (await stat(this.#state)).ino;
    const control = await listenForControl(socket, async (request, progress) => this.#answer(request, progress));
    const folderCheck = setInterval(() => void this.#endWithoutFolder(), FOLDER_CHECK);
    log({ level: 'info', message: `mcpgw ${this.#options.version} runs this project`, pid: process.pid });
    const over = untilAborted(AbortSignal.any([signal, this.#over.signal]));
    this.#start().then(this.#starting.resolve, this.#starting.reject);
    try {
      await Promise.race([this.#starting.promise, over]);
      await over;
      log({ level: 'info', message: 'stopping' });
    } catch (error) {
      log({ level: 'error', ...failureOf(error) });
      await within(LAST_WORDS, this.#announcements.heard);
      throw error;
    } finally {
      clearInterval(folderCheck);
      await this.#end(control, socket);
    }
  }

  async #start(): Promise<void> {
    const supervisor = this.#supervisor;
    const starting = supervisor.start();
    this.#changing = starting.catch(() => undefined);
    await starting;
    this.#started = true;
    this.#announcements.forget();
    const address = supervisor.gatewayAddress;
    this.#note({ gateway: { ...this.#record.gateway, ...(address ? { address } : {}) } });
    if (!this.#over.signal.aborted) this.#follow();
  }

  #follow(): void {
    const { folder, env } = this.#options;
    this.#following = followFiles(this.#project, {
      folder,
      env,
      log: this.#logs.of('gateway').log,
      apply: async (project, options) => this.#change(async () => this.#supervisor.reloadGateway(project, options)),
    });
  }

  async #end(control: ControlServer, socket: string): Promise<void> {
    this.#over.abort();
    this.#following?.close();
    await this.#supervisor.stop();
    await this.#writing;
    if (await this.#hasFolder()) await removeTraces(this.#state, socket);
    await control.close();
    this.#logs.of('engine').log({ level: 'info', message: 'stopped' });
    await this.#logs.close();
  }

  async #answer(request: ControlRequest, report: Report): Promise<unknown> {
    switch (request.method) {
      case 'status':
        return { status: await this.#status(), running: this.#supervisor.running };
      case 'watch':
        for (const event of this.#announcements.told) report(event);
        return { services: await this.#settleAfter(this.#starting.promise, report) };
      case 'reload': {
        const reloading = this.#change(async () => this.#reload());
        return { services: await this.#settleAfter(reloading, report), steps: await reloading };
      }
      case 'restart-service': {
        const restarting = this.#change(async () => this.#supervisor.restartService(request.service ?? ''));
        return { services: await this.#settleAfter(restarting, report) };
      }
      case 'stop':
        // The answer has to leave before the socket closes.
        setImmediate(() => this.#over.abort());
        return { stopping: this.#supervisor.parts.map((part) => part.name) };
      default:
        throw new CliError({
          code: 'UNKNOWN_REQUEST',
          message: `the engine (mcpgw ${this.#options.version}) does not know \`${String(request.method)}\``,
          fix: 'mcpgw down && mcpgw up',
        });
    }
  }

  async #reload(): Promise<PlanStep[]> {
    const project = await loadProject(this.#options.folder, this.#options.env);
    const steps = await this.#supervisor.apply(project, optionsOf(project));
    for (const { text } of steps) this.#logs.of('engine').log({ level: 'info', message: text });
    return steps;
  }

  async #change<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#changing.then(work);
    this.#changing = result.catch(() => undefined);
    return result;
  }

  /** Reports what happens while `work` goes on, then how each part has settled. */
  async #settleAfter(work: Promise<unknown>, report: Report): Promise<ServiceStatus[]> {
    await this.#announcements.during(work, report);
    return settle(this.#supervisor.parts, report, this.#over.signal);
  }

  async #status(): Promise<StackStatus> {
    const { pid, version, startedAt } = this.#record;
    const parts = await this.#supervisor.status();
    const isHealthy = parts.services.every((service) => service.health === 'healthy');
    const state = this.#started ? (isHealthy ? 'running' : 'unhealthy') : 'starting';
    return { ...parts, state, pid, version, startedAt, pending: [] };
  }

  /** Changes engine.json; writes follow one another. */
  #note(change: Partial<EngineRecord>): void {
    this.#record = { ...this.#record, ...change };
    const record = this.#record;
    this.#writing = this.#writing.then(async () => writeRecord(this.#state, record)).catch(() => undefined);
  }

  async #endWithoutFolder(): Promise<void> {
    if (!(await this.#hasFolder())) this.#over.abort();
  }

  /** A folder that was made anew is another one: nobody could find this engine through it. */
  async #hasFolder(): Promise<boolean> {
    const found = await stat(this.#state).catch(() => undefined);
    return found !== undefined && found.ino === this.#folderId;
  }

  /** A fault of ours must not vanish with the process, nor leave servers behind. */
  #guardAgainstLoss(): void {
    process.once('uncaughtException', (error) => {
      this.#logs
        .of('engine')
        .log({ level: 'error', message: `fault of mcpgw itself: ${error.message}`, stack: error.stack });
      this.#logs.flushNow();
      this.#supervisor.abandon();
      throw error;
    });
  }
}

/** Removes what a dead engine left; throws when a living one is there. */
async function makeWay(stateFolder: string): Promise<void> {
  const found = await findEngine(stateFolder);
  if (found.kind === 'stale') await cleanUpAfter(stateFolder, found.record);
  if (found.kind !== 'running') return;
  throw new CliError({
    code: 'ENGINE_RUNNING',
    message: `an engine runs this project already${found.record ? ` (pid ${found.record.pid})` : ''}`,
    fix: 'mcpgw status',
  });
}

function optionsOf(project: Project): ReturnType<typeof optionsOrThrow> {
  return optionsOrThrow(project.parsed, project.configText, 'pomerium-config.yaml');
}

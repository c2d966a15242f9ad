import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Log } from '../../net/log.ts';
import type { ServiceStatus } from '../engine.ts';
import { accepts, whoHolds } from '../port-busy.ts';
import { endGroup, identify, type ProcessIdentity } from '../process-identity.ts';
import type { ServicePart } from './part.ts';

export interface ChildOptions {
  name: string;
  hash: string;
  /** Program and arguments; no shell is involved. */
  command: readonly string[];
  folder: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Where it has to listen. */
  port: number;
  log: Log;
  /** Told when the process behind the service changes. */
  onProcess(identity: ProcessIdentity | undefined): void;
  backoff?: Backoff;
}

/** Milliseconds: the first pause after a crash, the longest one, and how long a run must last to begin anew. */
export interface Backoff {
  first: number;
  longest: number;
  forgiveAfter: number;
}

const BACKOFF: Backoff = { first: 500, longest: 30_000, forgiveAfter: 10_000 };
/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 5_000;
const MAX_LINE = 32_768;

/** A user's own server as a process of its own: started again after a crash, at growing intervals. */
export class ChildService implements ServicePart {
  readonly name: string;
  readonly kind = 'server';
  readonly hash: string;
  readonly #options: ChildOptions;
  readonly #backoff: Backoff;
  #state: ServiceStatus['state'] = 'stopped';
  #detail: string | undefined;
  #restarts = 0;
  #pause: number;
  #timer: NodeJS.Timeout | undefined;
  #child: ChildProcess | undefined;
  #identity: ProcessIdentity | undefined;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.hash = options.hash;
    this.#options = options;
    this.#backoff = options.backoff ?? BACKOFF;
    this.#pause = this.#backoff.first;
  }

  async start(): Promise<void> {
    this.#state = 'starting';
    const busy = await whoHolds(this.#options.port);
    if (this.#stopping) return;
    if (busy) return this.#fall(busy, 0);
    const child = this.#spawn();
    if (child.pid === undefined) return;
    this.#options.log({
      level: 'info',
      message: `started as pid ${child.pid}`,
      command: this.#options.command.join(' '),
    });
    const identity = await identify(child.pid);
    if (this.#child !== child) return;
    this.#identity = identity;
    this.#options.onProcess(identity);
    this.#state = 'running';
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    if (this.#identity) await endGroup(this.#identity, GRACE);
    else endLeftovers(this.#child?.pid);
    this.#state = 'stopped';
  }

  async status(): Promise<ServiceStatus> {
    const { port } = this.#options;
    const answers = this.#state === 'running' && (await accepts(port));
    const silent = this.#state === 'running' && !answers;
    const detail = silent ? `does not listen on port ${port}, which PORT tells it` : this.#detail;
    return {
      name: this.name,
      kind: this.kind,
      state: silent ? 'starting' : this.#state,
      health: answers ? 'healthy' : 'unhealthy',
      address: `127.0.0.1:${port}`,
      restarts: this.#restarts,
      ...(detail === undefined || answers ? {} : { detail }),
      ...(this.#identity ? { pid: this.#identity.pid } : {}),
    };
  }

  summary(): string {
    return `${this.#options.command.join(' ')} on port ${this.#options.port}`;
  }

  #spawn(): ChildProcess {
    const { command, folder, environment, log } = this.#options;
    const startedAt = performance.now();
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      cwd: folder,
      env: environment,
      // A group of its own, so that whatever it starts ends with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    readInto(child.stdout, 'stdout', log);
    readInto(child.stderr, 'stderr', log);
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) this.#fall(explain(error, program, folder), 0);
    });
    child.once('exit', (code, signal) => {
      endLeftovers(child.pid);
      this.#fall(signal ? `ended by ${signal}` : `exited with code ${code}`, performance.now() - startedAt);
    });
    return child;
  }

  /** It runs no more, or could not be started: try again after a pause. */
  #fall(why: string, uptime: number): void {
    this.#child = undefined;
    this.#identity = undefined;
    this.#options.onProcess(undefined);
    if (this.#stopping) return;
    if (uptime >= this.#backoff.forgiveAfter) this.#pause = this.#backoff.first;
    this.#state = 'crashed';
    this.#detail = why;
    this.#options.log({ level: 'error', message: `${why}; next start in ${this.#pause / 1000} s` });
    this.#timer = setTimeout(() => {
      this.#restarts += 1;
      void this.start();
    }, this.#pause);
    this.#pause = Math.min(this.#pause * 2, this.#backoff.longest);
  }
}

function explain(error: NodeJS.ErrnoException, program: string, folder: string): string {
  if (error.code === 'ENOENT') return `${program} was not found, or its folder ${folder} is missing`;
  return error.code === 'EACCES' ? `${program} may not be executed` : error.message;
}

function readInto(stream: Readable, name: 'stdout' | 'stderr', log: Log): void {
  const write = (line: string): void => log({ level: 'info', message: line, stream: name });
  let open = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const [first = '', ...rest] = chunk.split(/\r?\n/);
    // A server that never ends its line must not fill this process's memory: what is too long is cut, not kept.
    open = (open + first).slice(0, MAX_LINE);
    for (const next of rest) {
      write(open);
      open = next.slice(0, MAX_LINE);
    }
  });
  stream.on('end', () => {
    if (open !== '') write(open);
  });
}

/** What a server left in its group when it ended; nobody else can be in a group whose leader was just reaped. */
function endLeftovers(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: it left nothing.
  }
}

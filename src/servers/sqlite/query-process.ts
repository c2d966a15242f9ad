import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, ProcessSetup, Question } from './messages.ts';

/** One child process that answers one question at a time. */
export interface QueryProcess {
  /** Rejects with `ProcessEnded` when the process ends before it answers. */
  ask(question: Question): Promise<Answer>;
  /** Ends the process at once, and with it whatever query it runs. Resolves when it is gone. */
  kill(): Promise<void>;
  isAlive(): boolean;
}

export class ProcessEnded extends Error {
  /** True when something outside the database's code stopped it: its own watchdog, or the system for want of memory. */
  readonly byForce: boolean;

  constructor(code: number | null, signal: NodeJS.Signals | null, stderr: string) {
    super(`the query process ended (${signal ?? `exit code ${code}`})${stderr ? `: ${stderr}` : ''}`);
    this.byForce = signal === 'SIGKILL';
  }
}

/** Bytes of V8's heap the process needs beside SQLite's own memory: rows of one answer. */
const HEAP_MIB = 64;
const STDERR_KEPT = 2_000;

export function startQueryProcess(setup: ProcessSetup): QueryProcess {
  const child = fork(entryFile(), [JSON.stringify(setup)], {
    // Nothing of the parent's environment is needed there, least of all its secrets.
    env: {},
    execArgv: [`--max-old-space-size=${HEAP_MIB}`, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const ended = endOf(child);
  return {
    async ask(question) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      child.once('message', resolve);
      // A process that is gone already is told by `ended`.
      child.send(question, () => undefined);
      try {
        return await Promise.race([promise, ended.then((end) => Promise.reject(end))]);
      } finally {
        child.off('message', resolve);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    isAlive: () => child.exitCode === null && child.signalCode === null && child.connected,
  };
}

function endOf(child: ChildProcess): Promise<ProcessEnded> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString('utf8')}`.slice(-STDERR_KEPT);
  });
  const { promise, resolve } = Promise.withResolvers<ProcessEnded>();
  child.once('error', (error) => resolve(new ProcessEnded(null, null, error.message)));
  child.once('exit', (code, signal) => resolve(new ProcessEnded(code, signal, stderr.trim())));
  return promise;
}

/** From source this file stands in a folder below the entry; in the bundle both stand side by side in dist/. */
function entryFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? '../sqlite-process.ts' : './sqlite-process.js', here));
}

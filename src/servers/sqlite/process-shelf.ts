import type { ProcessSetup } from './messages.ts';
import { startQueryProcess, type QueryProcess } from './query-process.ts';

/** Query processes that are free, kept for a while: starting one takes longer than most queries. */
export interface ProcessShelf {
  /** A free process, or a new one. */
  take(): QueryProcess;
  giveBack(process: QueryProcess): void;
  /** Ends a process that is not to be given back. */
  end(process: QueryProcess): Promise<void>;
  /** Ends all, whatever they do. */
  close(): Promise<void>;
}

/** Milliseconds an unused process stays. */
const IDLE_TIME = 60_000;

export function createProcessShelf(setup: ProcessSetup): ProcessShelf {
  const all = new Set<QueryProcess>();
  const idle = new Map<QueryProcess, NodeJS.Timeout>();

  async function end(process: QueryProcess): Promise<void> {
    clearTimeout(idle.get(process));
    idle.delete(process);
    await process.kill();
    all.delete(process);
  }

  return {
    take() {
      for (const [process, timer] of idle) {
        clearTimeout(timer);
        idle.delete(process);
        if (process.isAlive()) return process;
        all.delete(process);
      }
      const process = startQueryProcess(setup);
      all.add(process);
      return process;
    },
    giveBack(process) {
      idle.set(process, setTimeout(() => void end(process), IDLE_TIME).unref());
    },
    end,
    close: async () => void (await Promise.all([...all].map(end))),
  };
}

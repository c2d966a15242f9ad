import { Worker, workerData } from 'node:worker_threads';
import type { SqliteLimits } from './limits.ts';

/** Milliseconds between two looks while a query runs. */
const INTERVAL = 25;
/** Milliseconds over the time limit after which the process ends itself, should its parent have failed to. */
const OVERTIME = 2_000;

const IDLE = 0;
const RUNNING = 1;

interface WatchdogData {
  state: Int32Array<SharedArrayBuffer>;
  limits: SqliteLimits;
  parent: number;
}

/** Tells the watchdog when a query runs; it sleeps in between. */
export interface Watchdog {
  during<T>(work: () => T): T;
}

/** Starts the second thread of a query process: SQLite holds the first one until it is done. `entry` is the process's own file. */
export function startWatchdog(entry: URL, limits: SqliteLimits): Watchdog {
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  new Worker(entry, { workerData: { state, limits, parent: process.ppid } satisfies WatchdogData }).unref();
  const set = (value: number): void => {
    Atomics.store(state, 0, value);
    Atomics.notify(state, 0);
  };
  return {
    during(work) {
      set(RUNNING);
      try {
        return work();
      } finally {
        set(IDLE);
      }
    },
  };
}

/** The second thread: ends the process when a query takes too much memory or time, or when the parent is gone. */
export function watch(): never {
  const { state, limits, parent } = workerData as WatchdogData;
  for (;;) {
    Atomics.wait(state, 0, IDLE);
    const startedAt = performance.now();
    while (Atomics.load(state, 0) === RUNNING) {
      const isOver =
        process.memoryUsage.rss() > limits.memory || performance.now() - startedAt > limits.timeout + OVERTIME;
      if (isOver || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
      Atomics.wait(state, 0, RUNNING, INTERVAL);
    }
  }
}

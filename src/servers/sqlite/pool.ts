import type { Log } from '../../net/log.ts';
import type { SqliteLimits } from './limits.ts';
import type { Answer, Question } from './messages.ts';
import { createProcessShelf, type ProcessShelf } from './process-shelf.ts';
import { ProcessEnded } from './query-process.ts';

export interface QueryPool {
  /** Never rejects. When the signal aborts, the query is stopped at once. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>;
  /** Stops every query and process. */
  close(): Promise<void>;
}

export interface QueryPoolOptions {
  file: string;
  limits: SqliteLimits;
  log: Log;
}

const CLIENT_GONE: Answer = { error: 'Error executing query: the request was cancelled' };

/** A few processes, each running one query: a query that does not end holds up nobody, and stopping it is stopping its process. */
export function createQueryPool({ file, limits, log }: QueryPoolOptions): QueryPool {
  const shelf = createProcessShelf({ file, limits });
  const slots = createSlots(limits.processes);
  return {
    async ask(question, signal) {
      const stop = AbortSignal.any([signal, AbortSignal.timeout(limits.timeout)]);
      let hasSlot = false;
      try {
        await slots.take(stop);
        hasSlot = true;
        return await run(shelf, question, stop);
      } catch (error) {
        if (signal.aborted) return CLIENT_GONE;
        return { error: `Error executing query: ${explain(error, hasSlot, limits, log)}` };
      } finally {
        if (hasSlot) slots.free();
      }
    },
    close: async () => shelf.close(),
  };
}

async function run(shelf: ProcessShelf, question: Question, stop: AbortSignal): Promise<Answer> {
  stop.throwIfAborted();
  const process = shelf.take();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onStop = (): void => reject(stop.reason);
  stop.addEventListener('abort', onStop, { once: true });
  try {
    const answer = await Promise.race([process.ask(question), stopped]);
    shelf.giveBack(process);
    return answer;
  } catch (error) {
    await shelf.end(process);
    throw error;
  } finally {
    stop.removeEventListener('abort', onStop);
  }
}

function explain(error: unknown, hasStarted: boolean, limits: SqliteLimits, log: Log): string {
  const seconds = limits.timeout / 1000;
  if (error instanceof ProcessEnded) {
    if (error.byForce)
      return `the query needed more than ${Math.round(limits.memory / 1024 / 1024)} MiB of memory and was stopped`;
    log({ level: 'error', message: 'query process failed', reason: error.message });
    return 'the query process failed; see the log of the server';
  }
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return hasStarted
      ? `the query took longer than ${seconds} s and was stopped`
      : `the server is busy: ${limits.processes} other queries ran for ${seconds} s; try again`;
  }
  return error instanceof Error ? error.message : String(error);
}

interface Slots {
  /** Rejects with the signal's reason when it aborts first. */
  take(signal: AbortSignal): Promise<void>;
  free(): void;
}

/** First come, first served. */
function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = (): void => {
        waiting.delete(resolve);
        reject(signal.reason);
      };
      waiting.add(resolve);
      signal.addEventListener('abort', giveUp, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
    },
    free() {
      const [next] = waiting;
      if (!next) {
        free += 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}

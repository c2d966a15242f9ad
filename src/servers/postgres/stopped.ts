import type { Duplex } from 'node:stream';

/** Bytes off the network for one query: a single value of PostgreSQL may have a gigabyte. */
const MOST_RECEIVED = 32 * 1024 * 1024;

/** A query that was left before the server had answered; its connection cannot be used again. */
export class Stopped extends Error {
  /** The caller went away; the server did not keep its own time limit; the answer is too large. */
  readonly why: 'caller' | 'overtime' | 'size';

  constructor(why: Stopped['why']) {
    super(why);
    this.why = why;
  }
}

export interface StopOptions {
  signal: AbortSignal;
  /** Milliseconds. */
  timeout: number;
  /** What the answer comes in by. */
  stream: Duplex;
}

/** Waits for a query, but no longer than anybody wants its answer; rejects with Stopped then. */
export async function orStopped<T>(work: Promise<T>, { signal, timeout, stream }: StopOptions): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const onAbort = (): void => stopped.reject(new Stopped('caller'));
  let received = 0;
  const onData = (chunk: Buffer): void => {
    received += chunk.length;
    if (received <= MOST_RECEIVED) return;
    stopped.reject(new Stopped('size'));
    // At once: what is still on its way would be put together in memory.
    stream.destroy();
  };
  const timer = setTimeout(() => stopped.reject(new Stopped('overtime')), timeout);
  signal.addEventListener('abort', onAbort, { once: true });
  stream.on('data', onData);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    // Of what was left, nobody waits for the end any more.
    work.catch(() => undefined);
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    stream.off('data', onData);
  }
}

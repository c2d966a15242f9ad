import type { IncomingMessage, ServerResponse } from 'node:http';

/** Knows which calls are being answered, so that a stop can wait for them. */
export interface Drain {
  /** True once `finish` was called: no new call is to be taken on. */
  isStopping(): boolean;
  track(request: IncomingMessage, response: ServerResponse, answer: () => Promise<void>): Promise<void>;
  /** Resolves when the calls in flight are answered, or after `grace` milliseconds. */
  finish(grace: number): Promise<void>;
}

export function createDrain(): Drain {
  const calls = new Map<ServerResponse, Promise<void>>();
  let stopping = false;
  return {
    isStopping: () => stopping,
    async track(request, response, answer) {
      // A subscription has no end of its own; waiting for it would only use up the grace.
      if (request.headers['mcp-method'] === 'subscriptions/listen') return answer();
      calls.set(response, closed(response));
      response.once('close', () => calls.delete(response));
      return answer();
    },
    async finish(grace) {
      stopping = true;
      for (const response of calls.keys()) response.shouldKeepAlive = false;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, grace);
      await Promise.race([Promise.all(calls.values()), promise]);
      clearTimeout(timer);
    },
  };
}

async function closed(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  response.once('close', resolve);
  return promise;
}

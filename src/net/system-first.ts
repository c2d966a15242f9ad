import { createFetch, type Fetch, type FetchOptions } from './fetch.ts';

/**
 * A fetch that asks the system's resolver before it takes `*.localhost` for this machine: in a container such a name is the gateway's alias
 * there, which only the system's resolver knows; elsewhere that often knows none.
 */
export function systemFirst(options: Omit<FetchOptions, 'resolve'> = {}): Fetch {
  const bySystem = createFetch({ ...options, resolve: () => undefined });
  const asLoopback = createFetch(options);
  return async (input, init) =>
    bySystem(input, init).catch(async (error: unknown) => {
      const cause = error instanceof Error ? error.cause : undefined;
      const isUnknown =
        cause instanceof Error && 'code' in cause && ['ENOTFOUND', 'EAI_AGAIN'].includes(String(cause.code));
      if (!isUnknown) throw error;
      return asLoopback(input, init);
    });
}

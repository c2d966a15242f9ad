import type { Fetch } from '../net/fetch.ts';
import { listTools } from '../mcp/index.ts';
import { failureOf, type Failure } from './failure.ts';
import type { ListedServer } from './gateway.ts';
import type { Visitor } from './visitor.ts';

/** Whether this user can work with a server now. */
export type ServerState = { kind: 'ready'; tools: number } | { kind: Exclude<Failure['kind'], 'stopped'> };

/** Milliseconds that one server may keep the page waiting. */
const PATIENCE = 2_000;

/**
 * Asks each server for its tools, as nothing else tells: the gateway lists every server as `connected: false, needs_oauth: true` that it
 * holds no upstream token for, whether it needs one or not (Pomerium v0.33.1 internal/mcp/handler_list_routes.go).
 */
export async function probe(
  servers: readonly ListedServer[],
  { token }: Pick<Visitor, 'token'>,
  fetch: Fetch,
  signal: AbortSignal,
): Promise<ServerState[]> {
  return Promise.all(
    servers.map(async ({ url, isPattern }): Promise<ServerState> => {
      if (isPattern) return { kind: 'unknown' };
      const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
      try {
        const tools = await listTools({ server: url, accessToken: token, fetch, signal: limited });
        return { kind: 'ready', tools: tools.length };
      } catch (error) {
        const { kind } = failureOf(error);
        return { kind: kind === 'stopped' ? 'slow' : kind };
      }
    }),
  );
}

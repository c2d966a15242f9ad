import type { Reply } from './exchange.ts';
import type { Passage } from './passage.ts';

const BAD_GATEWAY: Reply = { status: 502, headers: [], body: '' };

/**
 * Before a call of an MCP server Pomerium v0.33.1 looks in its store for an upstream token of the user (internal/mcp/extproc). This gateway
 * holds none, but as there a store that cannot be asked ends the call.
 */
export function upstreamTokenFailure({ gateway, inbound, plan, session }: Passage): Reply | undefined {
  if (plan.compiled.kind !== 'server' || !plan.mcp || !session) return undefined;
  const failure = gateway.identity.storeFailure?.();
  if (failure === undefined) return undefined;
  gateway.log({
    level: 'error',
    message: 'ext_proc: error getting upstream token',
    error: `looking up upstream token: failed to get upstream MCP token: ${failure}`,
    'request-id': inbound.requestId,
  });
  return BAD_GATEWAY;
}

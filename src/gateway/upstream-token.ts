import type { Reply } from './exchange.ts';
import { clientRouteAuthorization } from './client-route-token.ts';
import type { Passage } from './passage.ts';

const BAD_GATEWAY: Reply = { status: 502, headers: [['cache-control', 'no-store']], body: '' };

/**
 * Before a call of an MCP server Pomerium v0.33.1 looks in its store for an upstream token of the user (internal/mcp/extproc). Here they are
 * in memory, but as there a store that cannot be asked ends the call.
 */
export function upstreamTokenFailure({ gateway, inbound, plan, session }: Passage): Reply | undefined {
  if (plan.compiled.kind !== 'server' || !plan.mcp || !session) return undefined;
  const failure = gateway.identity.storeFailure?.();
  if (failure === undefined) return undefined;
  tellFailure(gateway, inbound.requestId, `looking up upstream token: failed to get upstream MCP token: ${failure}`);
  return BAD_GATEWAY;
}

/**
 * The value of `Authorization` that the gateway sets towards the upstream: of the user's upstream token, or, on the route of an MCP client,
 * of an External Token. A promise when the upstream token has to be renewed first.
 */
export function upstreamAuthorization({
  gateway,
  plan,
  session,
}: Pick<Passage, 'gateway' | 'plan' | 'session'>): string | undefined | Promise<string | undefined> {
  if (plan.mcpClient) return clientRouteAuthorization({ gateway, session });
  if (!plan.mcp || !session) return undefined;
  return gateway.identity.upstream.authorization(session, plan.compiled);
}

/** The answer to a call whose upstream token cannot be renewed now. */
export function renewalFailure({ gateway, inbound }: Pick<Passage, 'gateway' | 'inbound'>, error: unknown): Reply {
  tellFailure(gateway, inbound.requestId, error instanceof Error ? error.message : String(error));
  return BAD_GATEWAY;
}

function tellFailure(gateway: Passage['gateway'], requestId: string, error: string): void {
  gateway.log({ level: 'error', message: 'ext_proc: error getting upstream token', error, 'request-id': requestId });
}

/**
 * What takes the place of an upstream's refusal of the user's token, or of its absence. Undefined: the refusal goes on to the client, as
 * every other answer does. Pomerium v0.33.1 internal/mcp/extproc/server.go.
 */
export function refusalAnswer(
  { gateway, inbound, plan, session }: Passage,
  status: number,
  rawHeaders: readonly string[],
): Promise<Reply> | undefined {
  if ((status !== 401 && status !== 403) || !plan.mcp || !session) return undefined;
  const outcome = gateway.identity.upstream.refused({
    session,
    route: plan.compiled,
    host: inbound.host,
    path: inbound.path,
    rawQuery: inbound.rawQuery,
    requestId: inbound.requestId,
    status,
    wwwAuthenticate: headerOf(rawHeaders, 'www-authenticate'),
  });
  return outcome?.then((found) =>
    found.kind === 'unavailable'
      ? BAD_GATEWAY
      : {
          status: 401,
          headers: [
            ['www-authenticate', found.wwwAuthenticate],
            ['cache-control', 'no-store'],
          ],
          body: '',
        },
  );
}

/** The first of a name. */
function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) return rawHeaders[i + 1];
  }
  return undefined;
}

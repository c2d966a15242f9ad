import type { CompiledRoute } from '../pomerium/index.ts';
import type { Session } from '../pomerium/model.ts';
import type { Exchange, HeaderList, Reply } from './exchange.ts';
import { encodeJson } from './identity/go-text.ts';
import { mcpServers, withoutPort } from './mcp-hosts.ts';
import { textReply } from './replies.ts';
import type { Gateway } from './state.ts';

const NOT_CACHED: HeaderList = [
  ['Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0'],
  ['Expires', '0'],
  ['Pragma', 'no-cache'],
];
/** Bytes of a disconnect request that are read. */
const BODY_LIMIT = 1_048_576;

/** GET /.pomerium/mcp/routes: every MCP server and whether the user is connected to its upstream. Policy plays no part. */
export async function listServers(gateway: Gateway, session: Session): Promise<Reply> {
  const listed = [...mcpServers(gateway.state.table).values()];
  const servers = await Promise.all(
    listed.map(async (compiled) => ({
      ...named(compiled),
      url: addressOf(compiled),
      connected: await gateway.identity.upstream.connected(session.userId, compiled),
      // True for every route since v0.33, whether it has an upstream provider or not.
      needs_oauth: true,
    })),
  );
  const headers: HeaderList = [...NOT_CACHED, ['Content-Type', 'application/json']];
  return { status: 200, headers, body: encodeJson({ servers }) };
}

/** Empty ones are left out. */
function named({ route: { name, description, logo_url } }: CompiledRoute): Record<string, string> {
  return { ...(name && { name }), ...(description && { description }), ...(logo_url && { logo_url }) };
}

function addressOf({ route: { from, mcp } }: CompiledRoute): string {
  const path = mcp?.server?.path ?? '/';
  return path === '/' ? from : `${from.replace(/\/$/, '')}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** POST /.pomerium/mcp/routes/disconnect: forgets the user's upstream tokens for the servers at these addresses. */
export async function disconnectServers(gateway: Gateway, exchange: Exchange, session: Session): Promise<Reply> {
  const routes = routesOf((await exchange.body(BODY_LIMIT)).toString('utf8'));
  if (!routes) return textReply(400, 'invalid request body');
  if (routes.length === 0) return textReply(400, 'no routes provided');
  const servers = mcpServers(gateway.state.table);
  const wanted = routes.map((url) => (URL.canParse(url) ? servers.get(withoutPort(new URL(url).host)) : undefined));
  const found = [...new Set(wanted)].filter((route) => route !== undefined);
  await gateway.identity.upstream.disconnect(session.userId, found);
  return listServers(gateway, session);
}

/** Undefined: not the request that Go's decoder takes. */
function routesOf(body: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (value === null) return [];
    if (typeof value !== 'object' || Array.isArray(value)) return undefined;
    const routes = 'routes' in value ? (value.routes ?? []) : [];
    return Array.isArray(routes) && routes.every((url) => typeof url === 'string') ? routes : undefined;
  } catch {
    return undefined;
  }
}

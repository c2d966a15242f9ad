import type { CompiledRoute } from '../pomerium/index.ts';
import type { Session } from '../pomerium/model.ts';
import { connect } from './connect.ts';
import type { Exchange, Reply } from './exchange.ts';
import { queryEscape } from './identity/go-text.ts';
import { ClientLeft } from './inbound-exchange.ts';
import { mcpServers } from './mcp-hosts.ts';
import { disconnectServers, listServers } from './mcp-servers.ts';
import { pageReply, type PageLink } from './page.ts';
import { isShown } from './portal-access.ts';
import { textReply } from './replies.ts';
import { generatedNames } from './route-names.ts';
import type { Gateway } from './state.ts';
import { userInfo, whoIsSignedIn } from './user-info.ts';

/**
 * What a signed-in user and a client application ask about routes: Pomerium v0.33.1 internal/mcp/handler_list_routes.go,
 * handler_connect.go, proxy/handlers_portal.go. Undefined: no such path or method.
 */
export function portalReply(
  gateway: Gateway,
  exchange: Exchange,
  session: Session | undefined,
): Promise<Reply> | undefined {
  const work = portalWork(gateway, exchange, session);
  return work && contain(gateway, exchange, work);
}

function portalWork(
  gateway: Gateway,
  exchange: Exchange,
  session: Session | undefined,
): (() => Promise<Reply>) | undefined {
  const hasPortal = gateway.state.options.runtime_flags['routes_portal'] !== false;
  switch (`${exchange.method} ${exchange.path}`) {
    case 'POST /.pomerium/mcp/routes/disconnect':
      // The one path here that does not call for a sign-in.
      if (!session) return async () => Promise.resolve(textReply(500, 'internal server error'));
      return () => disconnectServers(gateway, exchange, session);
    case 'GET /.pomerium/mcp/routes':
      return session && (() => listServers(gateway, session));
    case 'GET /.pomerium/mcp/connect':
      return session && (() => connect(gateway, exchange, session));
    case 'GET /.pomerium/routes':
      return hasPortal && session ? () => portalPage(gateway, session) : undefined;
    case 'GET /.pomerium/api/v1/routes':
      return hasPortal && session ? () => portalDocument(gateway, session) : undefined;
    default:
      return undefined;
  }
}

/** A store that cannot be asked is the only thing that fails here, and Pomerium says so in these words. */
async function contain({ log }: Gateway, exchange: Exchange, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ClientLeft) throw error;
    const { path, requestId } = exchange;
    log({ level: 'error', message: `${path}: failed`, error: String(error), 'request-id': requestId });
    const isList = path === '/.pomerium/mcp/routes';
    return textReply(500, isList ? `Internal error. Check logs for request ID: ${requestId}` : 'internal server error');
  }
}

/** What Pomerium answers when its store cannot say which upstreams the user is connected to. */
export function storelessReply({ identity, log }: Gateway, { method, path, requestId }: Exchange): Reply | undefined {
  if (path !== '/.pomerium/mcp/routes' || method !== 'GET') return undefined;
  const failure = identity.storeFailure?.();
  if (failure === undefined) return undefined;
  log({ level: 'error', message: 'mcp/routes: the store cannot be read', error: failure, 'request-id': requestId });
  return textReply(500, `Internal error. Check logs for request ID: ${requestId}`);
}

async function portalPage(gateway: Gateway, session: Session): Promise<Reply> {
  const routes = await portalRoutes(gateway, session);
  const description = routes.length > 0 ? whoIsSignedIn(session) : `${whoIsSignedIn(session)} No route is for you.`;
  const data = { page: 'Routes', description, ...userInfo(gateway.state.options, session), routes };
  return pageReply(data, routes.flatMap(linksOf));
}

async function portalDocument(gateway: Gateway, session: Session): Promise<Reply> {
  const body = JSON.stringify({ routes: await portalRoutes(gateway, session) });
  return { status: 200, headers: [['Content-Type', 'application/json']], body };
}

interface PortalRoute {
  id: string;
  name: string;
  type: string;
  from: string;
  description: string;
  connect_command?: string;
  logo_url: string;
  mcp_connect_url?: string;
  mcp_connected?: true;
}

async function portalRoutes(gateway: Gateway, session: Session): Promise<PortalRoute[]> {
  const { options, table, mcp } = gateway.state;
  const shown = table.routes.filter(({ route }) => isShown(options, route, session));
  const names = generatedNames(shown);
  const servers = mcp ? mcpServers(table) : new Map<string, CompiledRoute>();
  return Promise.all(
    shown.map(async (compiled, i) => {
      const { id, route, hostname } = compiled;
      const server = route.mcp?.server && servers.get(hostname);
      const connected = server && (await gateway.identity.upstream.connected(session.userId, server));
      return {
        id,
        name: route.name || (names[i] ?? ''),
        ...kindOf(compiled),
        from: route.from,
        description: route.description ?? '',
        logo_url: route.logo_url ?? '',
        ...(server && { mcp_connect_url: connectUrl(route.from) }),
        ...(connected && { mcp_connected: connected }),
      };
    }),
  );
}

function kindOf({ route }: CompiledRoute): Pick<PortalRoute, 'type' | 'connect_command'> {
  if (route.mcp?.server) return { type: 'mcp' };
  const [, transport, address = ''] = /^(tcp|udp)\+https?:\/\/(.*)$/.exec(route.from) ?? [];
  if (transport === undefined) return { type: 'http' };
  const hasPath = /\/./.test(address);
  const target = hasPath ? route.from : address.replace(/\/$/, '');
  return { type: transport, connect_command: `pomerium-cli ${transport} ${target}` };
}

function connectUrl(from: string): string {
  const { protocol, host } = /^(?<protocol>[^:]+):\/\/(?<host>[^/]+)/.exec(from)?.groups ?? {};
  const origin = `${protocol}://${host}`;
  return `${origin}/.pomerium/mcp/connect?redirect_url=${queryEscape(`${origin}/.pomerium/routes`)}`;
}

function linksOf({ name, from, description, mcp_connect_url, mcp_connected }: PortalRoute): PageLink[] {
  const link = { href: from, text: name, note: [from, description].filter((text) => text !== '').join(' · ') };
  if (mcp_connect_url === undefined) return [link];
  if (mcp_connected) return [{ ...link, note: `${link.note} · connected` }];
  return [link, { href: mcp_connect_url, text: `Connect ${name}` }];
}

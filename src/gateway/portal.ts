import type { Route, Session } from '../pomerium/model.ts';
import type { Exchange, HeaderList, Reply } from './exchange.ts';
import { textReply } from './replies.ts';
import type { Gateway, State } from './state.ts';

const NOT_CACHED: HeaderList = [
  ['Cache-Control', 'no-store, no-cache, must-revalidate, max-age=0'],
  ['Expires', '0'],
  ['Pragma', 'no-cache'],
];
/** Bytes of a disconnect request that are read. */
const BODY_LIMIT = 1_048_576;

/**
 * What a signed-in user and a client application ask about routes: Pomerium v0.33.1 internal/mcp/handler_list_routes.go,
 * handler_connect.go, handler_disconnect.go, proxy/handlers.go. This gateway holds no upstream tokens, so nothing is ever connected.
 */
export function portalReply(
  state: State,
  exchange: Exchange,
  session: Session | undefined,
): Promise<Reply> | Reply | undefined {
  switch (`${exchange.method} ${exchange.path}`) {
    case 'GET /.pomerium/mcp/routes':
      return serverList(state);
    case 'GET /.pomerium/mcp/connect':
      return connect(state, exchange);
    case 'POST /.pomerium/mcp/routes/disconnect':
      return session ? disconnect(state, exchange) : textReply(500, 'internal server error');
    case 'GET /.pomerium/api/v1/routes':
      return routeList(state);
    default:
      return undefined;
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

/** One entry a host, its first; a route that is a client as well is listed as neither. */
function serverList(state: State): Reply {
  const listed = new Map<string, Route>();
  for (const { route, host } of state.table.routes) {
    if (route.mcp?.server && !route.mcp.client && !listed.has(host)) listed.set(host, route);
  }
  const servers = [...listed.values()].map((route) => ({
    ...(route.name ? { name: route.name } : {}),
    ...(route.description ? { description: route.description } : {}),
    ...(route.logo_url ? { logo_url: route.logo_url } : {}),
    url: `${route.from}${route.mcp?.server?.path ?? ''}`,
    connected: false,
    // True for every route since v0.33, whether it has an upstream provider or not.
    needs_oauth: true,
  }));
  return json({ servers }, NOT_CACHED);
}

function connect(state: State, exchange: Exchange): Reply {
  const target = redirectTarget(state, exchange);
  if (!target) return textReply(400, 'invalid request');
  if (state.table.serverRouteOf(exchange.host)) {
    // The normal result for an upstream without a provider: discovery has nothing to find.
    const error = `MCP connection failed. Ask your administrator to check logs for request ID: ${exchange.requestId}`;
    target.searchParams.append('connect_error', error);
  }
  const link = target.href.replaceAll('&', '&amp;');
  const headers: HeaderList = [
    ['Content-Type', 'text/html; charset=utf-8'],
    ['Location', target.href],
  ];
  return { status: 302, headers, body: `<a href="${link}">Found</a>.\n\n` };
}

/** Only this host and the hosts of client applications may be returned to. */
function redirectTarget(state: State, exchange: Exchange): URL | undefined {
  const text = exchange.query.get('redirect_url') ?? '';
  if (!/^https:\/\/[^/]/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const own = exchange.host.replace(/:\d+$/, '');
  const clients = state.table.routes.filter(({ route }) => route.mcp?.client !== undefined);
  return url.hostname === own || clients.some(({ hostname }) => hostname === url.hostname) ? url : undefined;
}

async function disconnect(state: State, exchange: Exchange): Promise<Reply> {
  const body = (await exchange.body(BODY_LIMIT)).toString('utf8');
  let routes: unknown;
  try {
    routes = (JSON.parse(body) as { routes?: unknown } | null)?.routes;
  } catch {
    return textReply(400, 'invalid request body');
  }
  if (routes !== undefined && !Array.isArray(routes)) return textReply(400, 'invalid request body');
  return (routes ?? []).length === 0 ? textReply(400, 'no routes provided') : serverList(state);
}

function routeList(state: State): Reply {
  const routes = state.table.routes.map(({ id, kind, route }) => {
    const back = encodeURIComponent(`${route.from}/.pomerium/routes`);
    return {
      id,
      name: route.name ?? '',
      ...(kind === 'server' ? { type: 'mcp' } : {}),
      from: route.from,
      description: route.description ?? '',
      logo_url: route.logo_url ?? '',
      ...(kind === 'server' ? { mcp_connect_url: `${route.from}/.pomerium/mcp/connect?redirect_url=${back}` } : {}),
    };
  });
  return json({ routes });
}

function json(document: unknown, headers: HeaderList = []): Reply {
  return { status: 200, headers: [...headers, ['Content-Type', 'application/json']], body: JSON.stringify(document) };
}

import { http1Request } from '../client/node-request.ts';
import { isControlPath } from '../control-plane.ts';
import type { Reply } from '../exchange.ts';
import { readInbound, type Inbound } from '../inbound.ts';
import type { ListenerHandlers } from '../listener.ts';
import { sendReply } from '../respond.ts';
import { sessionFor } from '../session.ts';
import type { Gateway, State } from '../state.ts';
import { routePreflight } from './preflight.ts';
import { refusal } from './refusal.ts';
import { SessionIds } from './session-ids.ts';

/** Probes come by address. */
const PROBES = new Set(['/ping', '/healthz']);
/** Identity providers may post to it from their own site. */
const PROVIDER_CALLBACK = '/oauth2/callback';
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/** Stands before everything else: who may come at all is asked before what they want. */
export function atFrontDoor(gateway: Gateway, inner: ListenerHandlers): ListenerHandlers {
  const sessionIds = new SessionIds();
  return {
    request(request, response) {
      const inbound = readInbound(request);
      const reply = typeof inbound === 'string' ? undefined : refusalOf(gateway, inbound, sessionIds);
      if (!reply || typeof inbound === 'string') {
        inner.request(request, response);
        return;
      }
      request.body.discard();
      sendReply(gateway, inbound, response, reply, { added: gateway.state.response.added, details: 'strict' });
    },
    upgrade(request, socket, head) {
      const inbound = readInbound(http1Request(request));
      const reply = typeof inbound === 'string' ? undefined : refusalOf(gateway, inbound, sessionIds);
      if (!reply) inner.upgrade(request, socket, head);
      else socket.end(`HTTP/1.1 ${reply.status} Refused\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
    },
  };
}

/** The answer to a request that goes no further; undefined: it does. */
export function refusalOf(gateway: Gateway, inbound: Inbound, sessionIds: SessionIds): Reply | undefined {
  const { state } = gateway;
  const { host, path, origin } = inbound;
  if (PROBES.has(path)) return undefined;
  if (!isOwnHost(state, host)) return refusal(403, 'this host is none of the gateway’s');
  const plan = planOf(state, inbound);
  if (!plan?.mcp && !isControlPath(path)) return undefined;
  if (origin !== undefined && path !== PROVIDER_CALLBACK && !isKnownOrigin(state, origin)) {
    return refusal(403, 'pages of this origin may not call the gateway');
  }
  if (!plan?.mcp) return undefined;
  if (inbound.method === 'OPTIONS') return routePreflight(inbound);
  const sessionId = headerOf(inbound, 'mcp-session-id');
  const session = sessionId === undefined ? undefined : sessionFor(gateway, inbound, true);
  if (sessionId === undefined || !session) return undefined;
  if (sessionIds.belongsTo(session.userId, plan.compiled.id, sessionId)) return undefined;
  return refusal(404, 'no such session');
}

/** What the control plane serves is no route's. */
function planOf(state: State, { host, path }: Inbound) {
  const route = isControlPath(path) ? undefined : state.table.match(host, path);
  return route && state.plans.get(route);
}

function isOwnHost(state: State, host: string): boolean {
  return host === state.authenticateHost || state.table.knowsHost(host);
}

/** Pages of the gateway's own hosts, and what a developer runs on this machine. */
function isKnownOrigin(state: State, origin: string): boolean {
  if (LOOPBACK.test(origin)) return true;
  return origin.startsWith('https://') && isOwnHost(state, origin.slice('https://'.length).toLowerCase());
}

function headerOf({ request: { rawHeaders } }: Inbound, wanted: string): string | undefined {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
  return at === -1 ? undefined : rawHeaders[at + 1];
}

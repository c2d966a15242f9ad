import type { Options, Route } from '../../pomerium/model.ts';
import { createFetch, type Fetch } from '../../net/fetch.ts';
import { firstOf, type Resolve } from '../../net/resolve.ts';
import { PROBE_AGENT } from '../probe-agent.ts';
import { serverRoutes } from '../routes.ts';

const TIMEOUT = 2_000;
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

/** What keeps the gateway from being ready, asked from outside: over TLS, by its own names. Undefined: nothing. */
export async function probeGateway(
  options: Options,
  ca: string,
  address: { host: string; port: number },
  /** Hosts that the certificate cannot name: what is wrong with them is told by `up`, and no client could reach them. */
  outside: readonly string[] = [],
): Promise<string | undefined> {
  // The names lead to where the gateway really listens, whatever this machine's resolver says.
  const fetch = createFetch({ resolve: () => address, ca: [ca], timeout: TIMEOUT });
  const isProbed = (host: string): boolean => !host.includes('*') && !outside.includes(host);
  const routes = serverRoutes(options).filter((route) => isProbed(new URL(route.from).hostname));
  if (routes.length === 0) return probePing(fetch, options.insecure_server ? 'http:' : 'https:', address.port);
  const faults = await Promise.all(routes.map(async (route) => probeRoute(fetch, route, options.insecure_server)));
  return faults.find((fault) => fault !== undefined);
}

/** An MCP client's first call has no token; ready is a gateway that answers with its challenge. */
async function probeRoute(fetch: Fetch, route: Route, insecure: boolean): Promise<string | undefined> {
  const url = new URL(route.from);
  if (insecure) url.protocol = 'http:';
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'user-agent': PROBE_AGENT,
  };
  try {
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(PING) });
    await response.body?.cancel();
    // A public route answers by its upstream, whose health is not the gateway's.
    if (route.allow_public_unauthenticated_access) return undefined;
    const challenged = response.status === 401 && response.headers.has('www-authenticate');
    return challenged ? undefined : `${route.from} answered ${response.status} instead of its 401 challenge`;
  } catch (error) {
    return `${route.from}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function probePing(fetch: Fetch, protocol: string, port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`${protocol}//localhost:${port}/ping`, { headers: { 'user-agent': PROBE_AGENT } });
    await response.body?.cancel();
    return response.status < 500 ? undefined : `/ping answered ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** How many tools an upstream lists, asked directly and without a session; undefined when it does not tell. */
export async function countTools(route: Route, resolve: Resolve): Promise<number | undefined> {
  const [upstream] = route.to;
  if (!upstream) return undefined;
  const fetch = createFetch({ resolve: firstOf(resolve), timeout: TIMEOUT });
  try {
    const response = await fetch(upstream.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    const text = await response.text();
    // An answer may come as an event stream of one event.
    const json = /^data: ?(\{.*\})\s*$/m.exec(text)?.[1] ?? text;
    const { result } = JSON.parse(json) as { result?: { tools?: unknown[] } };
    return result?.tools?.length;
  } catch {
    return undefined;
  }
}

import { onTestFinished } from 'vitest';
import { startApp, type AppOptions } from '../../../src/app/index.ts';
import { createFetch, type Fetch } from '../../../src/net/fetch.ts';
import type { LogEntry } from '../../../src/net/log.ts';
import type { Served } from '../mcp/server.ts';
import { databaseOf, startTestServers } from '../servers/helpers.ts';
import { startStandIn, type StandIn, type StandInRoute } from './gateway.ts';
import { serveTools } from './tools.ts';

export interface Rig {
  gateway: StandIn;
  log: LogEntry[];
  /** Arguments of the calls that reached the server `tools`. */
  calls: () => unknown[];
  /** Where the application itself listens, past the gateway. */
  direct: string;
  /** Asks the application through the gateway, signed in. */
  get: (path: string) => Promise<Shown>;
  /** Sends a form with the protection against forged requests that the page at `from` holds. */
  post: (path: string, fields: Record<string, string> | URLSearchParams, from?: string) => Promise<Shown>;
}

export interface Shown {
  status: number;
  html: string;
  /** What a reader sees, on one line. */
  text: string;
  headers: Headers;
}

/** An application behind a stand-in of the gateway; `whoami`, `shop` and `tools` are real servers behind it. */
export async function startRig(
  options: Partial<AppOptions> & { routes?: Readonly<Record<string, StandInRoute>> } = {},
): Promise<Rig> {
  const { routes, ...others } = options;
  const log: LogEntry[] = [];
  const later: Later = {};
  const gateway = await startStandIn(routes ?? (await realServers(later)));
  later.gateway = gateway;
  const app = await startApp({
    url: gateway.url,
    listen: { host: '127.0.0.1', port: 0 },
    fetch: gateway.fetch,
    llmFetch: createFetch(),
    log: (entry) => void log.push(entry),
    ...others,
  });
  onTestFinished(async () => app.close());
  gateway.lead(app.address);
  const ask = async (path: string, init: RequestInit = {}): Promise<Shown> => {
    const response = await gateway.fetch(new URL(path, gateway.url), init);
    const html = await response.text();
    return { status: response.status, html, text: readable(html), headers: response.headers };
  };
  return {
    gateway,
    log,
    calls: () =>
      (later.tools?.seen ?? [])
        // The first try of each call is in the stateless form, which this server refuses.
        .filter(({ message, headers }) => message.method === 'tools/call' && !headers['mcp-method'])
        .map(({ message }) => message.params?.['arguments']),
    direct: `http://127.0.0.1:${app.address.port}`,
    get: async (path) => ask(path),
    async post(path, fields, from = path) {
      const forgery = forgeryOf((await ask(from)).html);
      const body = new URLSearchParams(fields);
      body.set('forgery', forgery);
      const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: gateway.url.origin };
      return ask(path, { method: 'POST', headers, body: body.toString() });
    },
  };
}

export function forgeryOf(html: string): string {
  return /name="forgery" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

/** Where `/tool` has a tool of a server. */
export function toolPath(gateway: StandIn, route: string, tool: string): string {
  return `/tool?server=${encodeURIComponent(gateway.urlOf(route).href)}&name=${encodeURIComponent(tool)}`;
}

interface Later {
  gateway?: StandIn;
  tools?: Served;
}

async function realServers(later: Later): Promise<Record<string, StandInRoute>> {
  const file = await databaseOf("CREATE TABLE books (title TEXT, year INT); INSERT INTO books VALUES ('Ada', 1969)");
  const tools = await serveTools();
  later.tools = tools;
  // The gateway comes after the servers that it leads to; its keys are asked for later still.
  const fetch: Fetch = async (_, init) => {
    if (!later.gateway) throw new Error('the gateway is not there yet');
    return later.gateway.fetch(new URL('/.well-known/pomerium/jwks.json', later.gateway.url), init);
  };
  const whoami = { issuers: ['whoami.localhost'], fetch };
  const { url } = await startTestServers({ whoami, sqlite: { file } });
  return {
    whoami: { name: 'whoami', description: 'Who the gateway says you are', to: new URL(`${url}/whoami`) },
    shop: { name: 'Book shop', to: new URL(`${url}/sqlite`) },
    tools: { name: 'Tools', to: tools.url },
    notes: { name: 'Notes', description: 'Needs its provider', to: tools.url, provider: true },
    secret: { name: 'Secret', denied: true },
    down: { name: 'Down' },
  };
}

function readable(html: string): string {
  return html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

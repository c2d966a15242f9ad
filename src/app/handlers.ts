import { callTool, listTools, type Tool } from '../mcp/index.ts';
import { connectNews } from './connect.ts';
import { failureOf } from './failure.ts';
import { fieldsOf } from './form/fields.ts';
import { readForm as readArguments } from './form/read-form.ts';
import { GatewayError, type ListedServer } from './gateway.ts';
import { page, redirect, type Answer } from './http.ts';
import { homePage } from './pages/home.ts';
import { gatewayErrorPage, notFoundPage } from './pages/errors.ts';
import { note } from './pages/notes.ts';
import { serverPage } from './pages/server.ts';
import { toolPage, type Outcome, type ToolView } from './pages/tool.ts';
import { probe } from './probe.ts';
import { linksFor, type Visit } from './site.ts';

/** Milliseconds that a page may take: Pomerium ends a request to an application after 30 s. */
const PATIENCE = 25_000;

export async function showHome(visit: Visit): Promise<Answer> {
  const { visitor, site, query, signal } = visit;
  const servers = await site.gateway.servers(visitor.token, signal);
  const states = await probe(servers, visitor, site.fetch, signal);
  const shown = servers.map((server, i) => ({ server, state: states[i] ?? ({ kind: 'unknown' } as const) }));
  const news = connectNews(query, servers) ?? disconnectNews(query, servers);
  const body = homePage({ visitor, servers: shown, links: linksFor(visit), ...(news ? { news } : {}) });
  return page(200, { title: 'Servers', body, visitor, here: 'servers' });
}

function disconnectNews(query: URLSearchParams, servers: readonly ListedServer[]): ReturnType<typeof note> | undefined {
  const server = servers.find(({ url }) => url.host === query.get('disconnected'));
  return server && !server.connected
    ? note({ tone: 'good', title: `${server.name} is disconnected`, text: ['The gateway has forgotten your token.'] })
    : undefined;
}

export async function showServer(visit: Visit): Promise<Answer> {
  const { visitor, site, query } = visit;
  const server = await find(visit, query.get('url'));
  if (!server) return notFoundPage(visitor);
  const reach = { ...reachOf(visit), server: server.url };
  const result = await listTools(reach).then(
    (tools) => ({ tools }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );
  const body = serverPage({ server, result, links: linksFor(visit) });
  if ('failure' in result)
    site.log({ level: 'warn', message: 'no tools', server: server.url.host, reason: result.failure.title });
  return page(200, { title: server.name, body, visitor, here: 'servers' });
}

export async function showTool(visit: Visit): Promise<Answer> {
  return withTool(visit, async (view) => toolAnswer(visit, view));
}

/** Calls a tool with what its form says. */
export async function runTool(visit: Visit, sent: URLSearchParams): Promise<Answer> {
  return withTool(visit, async (view) => {
    const { args, faults } = readArguments(view.fields, sent);
    if (faults.size > 0) return toolAnswer(visit, { ...view, sent, faults }, 422);
    return toolAnswer(visit, { ...view, sent, outcome: await call(visit, view, args) });
  });
}

async function call(visit: Visit, { server, tool }: ToolView, args: Record<string, unknown>): Promise<Outcome> {
  const startedAt = performance.now();
  const ended = await callTool({ ...reachOf(visit), server: server.url, name: tool.name, args, tool }).then(
    (result) => ({ result }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );
  const took = performance.now() - startedAt;
  const outcome = 'failure' in ended ? ended.failure.kind : ended.result.isError ? 'tool error' : 'done';
  visit.site.log({
    level: 'info',
    message: 'tool call',
    server: server.url.host,
    tool: tool.name,
    outcome,
    took: Math.round(took),
  });
  return { took, ...ended };
}

async function withTool(visit: Visit, show: (view: ToolView) => Promise<Answer>): Promise<Answer> {
  const { visitor, query } = visit;
  const server = await find(visit, query.get('server'));
  if (!server) return notFoundPage(visitor);
  let tools: Tool[];
  try {
    tools = await listTools({ ...reachOf(visit), server: server.url });
  } catch (error) {
    const result = { failure: failureOf(error) };
    return page(200, { title: server.name, body: serverPage({ server, result, links: linksFor(visit) }), visitor });
  }
  const tool = tools.find(({ name }) => name === query.get('name'));
  if (!tool) return notFoundPage(visitor);
  return show({ server, tool, fields: fieldsOf(tool.inputSchema), links: linksFor(visit) });
}

function toolAnswer({ visitor }: Visit, view: ToolView, status = 200): Answer {
  return page(status, {
    title: `${view.tool.name} – ${view.server.name}`,
    body: toolPage(view),
    visitor,
    here: 'servers',
  });
}

export async function disconnect(visit: Visit, sent: URLSearchParams): Promise<Answer> {
  const { site, visitor, signal } = visit;
  const server = await find(visit, sent.get('server'));
  if (!server) return notFoundPage(visitor);
  await site.gateway.disconnect(visitor.token, server.url, signal);
  site.log({ level: 'info', message: 'disconnected', server: server.url.host });
  return redirect(`/?disconnected=${encodeURIComponent(server.url.host)}`);
}

/** The user's token goes to servers that the gateway lists, and nowhere else. */
async function find({ site, visitor, signal }: Visit, url: string | null): Promise<ListedServer | undefined> {
  const servers = await site.gateway.servers(visitor.token, signal);
  return servers.find((server) => server.url.href === url && !server.isPattern);
}

function reachOf({ site, visitor, signal }: Visit): {
  accessToken: string;
  fetch: Visit['site']['fetch'];
  signal: AbortSignal;
} {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  return { accessToken: visitor.token, fetch: site.fetch, signal: limited };
}

/** Tells what stands between the application and its gateway. */
export function explainGateway(visit: Visit, error: unknown): Answer | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  visit.site.log({ level: 'error', message: 'the gateway cannot be asked', kind: error.kind, reason: error.message });
  return gatewayErrorPage(visit.visitor, error);
}

import { listTools, type Tool, type ToolResult } from '../../mcp/index.ts';
import type { Fetch } from '../../net/fetch.ts';
import { failureOf } from '../failure.ts';
import type { GatewayClient, ListedServer } from '../gateway.ts';
import type { OfferedTool } from './model.ts';

/** A tool under the name that the model knows it by. */
export interface BoxedTool {
  offered: OfferedTool;
  server: ListedServer;
  tool: Tool;
}

export interface Toolbox {
  tools: ReadonlyMap<string, BoxedTool>;
  /** Servers without tools for this user, and why. */
  missing: readonly { server: ListedServer; why: string }[];
}

/** Milliseconds that one server may take to list its tools. */
const PATIENCE = 5_000;
/** OpenAI takes no more than 128 tools; names have at most 64 characters there. */
const MAX_TOOLS = 128;
const MAX_NAME = 64;
const MAX_DESCRIPTION = 1_000;

/** The tools of all servers that this user can use now. Throws GatewayError. */
export async function openToolbox(
  { gateway, fetch, token }: { gateway: GatewayClient; fetch: Fetch; token: string },
  signal: AbortSignal,
): Promise<Toolbox> {
  const servers = (await gateway.servers(token, signal)).filter(({ isPattern }) => !isPattern);
  const missing: { server: ListedServer; why: string }[] = [];
  const lists = await Promise.all(
    servers.map(async (server) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
      try {
        const tools = await listTools({ server: server.url, accessToken: token, fetch, signal: limited });
        return tools.map((tool) => ({ server, tool }));
      } catch (error) {
        signal.throwIfAborted();
        missing.push({ server, why: failureOf(error).title });
        return [];
      }
    }),
  );
  const tools = new Map<string, BoxedTool>();
  for (const { server, tool } of lists.flat().slice(0, MAX_TOOLS)) {
    const name = uniqueName(`${server.url.hostname.split('.')[0]}__${tool.name}`, tools);
    const description = `${server.name}: ${tool.description ?? tool.title ?? tool.name}`.slice(0, MAX_DESCRIPTION);
    tools.set(name, { server, tool, offered: { name, description, schema: { ...tool.inputSchema, type: 'object' } } });
  }
  return { tools, missing };
}

function uniqueName(wanted: string, taken: ReadonlyMap<string, unknown>): string {
  const plain = wanted.replaceAll(/[^\w-]/g, '_').slice(0, MAX_NAME);
  for (let i = 2, name = plain; ; i += 1) {
    if (!taken.has(name)) return name;
    const tail = `_${i}`;
    name = plain.slice(0, MAX_NAME - tail.length) + tail;
  }
}

/** Whether a person has to agree first. A tool that does not say that it is harmless may destroy (MCP, ToolAnnotations' defaults). */
export function needsConsent({ annotations }: Tool): boolean {
  return annotations?.['readOnlyHint'] !== true && annotations?.['destructiveHint'] !== false;
}

/** Characters of a result that a model is given. */
const MAX_RESULT = 40_000;

/** A tool's answer as text. */
export function resultText({ content, structuredContent }: ToolResult): string {
  const texts = content.map((item) => {
    if (item.type === 'text' && typeof item['text'] === 'string') return item['text'];
    if (item.type === 'resource_link') return JSON.stringify(item);
    const resource = item['resource'];
    if (typeof resource === 'object' && resource !== null && 'text' in resource) return String(resource.text);
    return `[${item.type}, shown to the user]`;
  });
  if (texts.length === 0 && structuredContent !== undefined) texts.push(JSON.stringify(structuredContent));
  const text = texts.join('\n') || '(no content)';
  return text.length > MAX_RESULT ? `${text.slice(0, MAX_RESULT)}\n[cut: ${text.length} characters in all]` : text;
}

import { isRecord } from '../json.ts';
import { CliError } from '../errors.ts';
import { McpClient } from './client.ts';
import { badMcpAnswer } from './errors.ts';
import { callHeaders, parameterHeaders } from './headers.ts';
import type { ContentItem, McpOptions, Tool, ToolResult } from './types.ts';

const MAX_PAGES = 100;

/** All tools of a server. Throws POLICY_DENIED, ChallengeError, or what else is wrong. */
export async function listTools(options: McpOptions): Promise<Tool[]> {
  return withClient(options, async (client) => listWith(client, options.server));
}

/** Calls a tool. With `tool`, its description, arguments that it wants in headers are put there as well. */
export async function callTool(
  options: McpOptions & { name: string; args: Record<string, unknown>; tool?: Tool },
): Promise<ToolResult> {
  const { name, args, tool } = options;
  return withClient(options, async (client) => {
    const result = await client.request('tools/call', { name, arguments: args }, callHeaders(tool, args));
    if (result['resultType'] === 'input_required') throw needsInput(name);
    return toToolResult(result, options.server);
  });
}

async function withClient<T>(options: McpOptions, work: (client: McpClient) => Promise<T>): Promise<T> {
  const client = new McpClient(options);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function listWith(client: McpClient, server: URL): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result = await client.request('tools/list', cursor === undefined ? {} : { cursor });
    if (!Array.isArray(result['tools'])) throw badMcpAnswer(server, 'listed no tools: its answer has no `tools`');
    // A tool that asks for headers in a way that is not valid must not be called, so it is not listed (MCP 2026-07-28).
    tools.push(...result['tools'].flatMap(toTool).filter((tool) => parameterHeaders(tool) !== undefined));
    const next = result['nextCursor'];
    if (typeof next !== 'string') return tools;
    cursor = next;
  }
  throw badMcpAnswer(server, `lists its tools on more than ${MAX_PAGES} pages`);
}

function toTool(value: unknown): Tool[] {
  if (!isRecord(value) || typeof value['name'] !== 'string') return [];
  const tool: Tool = {
    name: value['name'],
    inputSchema: isRecord(value['inputSchema']) ? value['inputSchema'] : { type: 'object' },
  };
  if (typeof value['title'] === 'string') tool.title = value['title'];
  if (typeof value['description'] === 'string') tool.description = value['description'];
  if (isRecord(value['outputSchema'])) tool.outputSchema = value['outputSchema'];
  if (isRecord(value['annotations'])) tool.annotations = value['annotations'];
  return [tool];
}

function toToolResult(result: Record<string, unknown>, server: URL): ToolResult {
  const content = result['content'] ?? [];
  if (!Array.isArray(content)) throw badMcpAnswer(server, 'answered a tool call without `content`');
  return {
    content: content.filter((item): item is ContentItem => isRecord(item) && typeof item['type'] === 'string'),
    ...(result['structuredContent'] === undefined ? {} : { structuredContent: result['structuredContent'] }),
    isError: result['isError'] === true,
  };
}

function needsInput(name: string): CliError {
  return new CliError({
    code: 'TOOL_NEEDS_INPUT',
    message: `the tool ${name} asks for further input while it runs`,
    why: 'it wants to ask a person or a model, which a command line cannot offer it',
    fix: 'call it from an MCP client that can ask, such as Claude Code, Cursor or VS Code',
  });
}

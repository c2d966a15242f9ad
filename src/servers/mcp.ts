import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer, type StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Log } from '../net/log.ts';
import type { Caller, Tool, ToolAnswer } from './tool.ts';

export interface McpServerSpec {
  /** What the server calls itself towards clients. */
  name: string;
  version: string;
  tools: readonly Tool[];
}

export interface McpEndpoint {
  /** Answers one POST; `body` is the parsed JSON, already read and bounded. */
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
  /** Ends subscription streams and whatever else is still open. */
  close(): Promise<void>;
}

type Arguments = Record<string, string>;
type Schema = StandardSchemaWithJSON<Arguments, Arguments>;

/** Five minutes: the tools are fixed for the life of the process. */
const LIST_TTL = 300_000;

/** Serves tools to both eras of the protocol without a session: up to 2025-11-25 with `initialize`, 2026-07-28 with `_meta`. */
export function createMcpEndpoint(spec: McpServerSpec, log: Log): McpEndpoint {
  const tools = spec.tools.map((tool): [Tool, Schema] => [tool, fromJsonSchema<Arguments>(inputSchemaOf(tool))]);
  const onerror = (error: Error): void =>
    log({ level: 'debug', message: 'request refused', server: spec.name, reason: error.message });
  const handler = createMcpHandler(({ requestInfo }) => createServer(spec, tools, requestInfo, log), { onerror });
  const fetch: typeof handler.fetch = async (request, options) => {
    const response = await handler.fetch(request, options);
    // The SDK promises keep-alive even to a client that asked to close, or on a server that is stopping; node knows better.
    response.headers.delete('connection');
    return response;
  };
  const node = toNodeHandler({ fetch }, { onerror });
  return {
    handle: async (request, response, body) => node(request, response, body),
    close: async () => handler.close(),
  };
}

function createServer(
  spec: McpServerSpec,
  tools: readonly [Tool, Schema][],
  request: Request | undefined,
  log: Log,
): McpServer {
  const server = new McpServer(
    { name: spec.name, version: spec.version },
    {
      capabilities: { tools: { listChanged: false } },
      // Nobody's list differs from another's, so any cache may keep it.
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL, cacheScope: 'public' } },
    },
  );
  for (const [tool, inputSchema] of tools) {
    const { name, description, annotations } = tool;
    server.registerTool(name, { description, inputSchema, annotations }, async (args, context) => {
      const signals = [context.mcpReq.signal, ...(request ? [request.signal] : [])];
      const caller = { headers: request?.headers ?? new Headers(), signal: AbortSignal.any(signals) };
      return toResult(await logged(spec, tool, args, caller, log));
    });
  }
  return server;
}

/** Arguments and answers are the users' data and stay out of the log. */
async function logged(spec: McpServerSpec, tool: Tool, args: Arguments, caller: Caller, log: Log): Promise<ToolAnswer> {
  const startedAt = performance.now();
  const answer = await tool.call(args, caller);
  const took = Math.round(performance.now() - startedAt);
  log({
    level: 'info',
    message: 'tool call',
    server: spec.name,
    tool: tool.name,
    failed: answer.isError === true,
    took,
  });
  return answer;
}

function toResult({ texts, isError }: ToolAnswer): { content: { type: 'text'; text: string }[]; isError?: true } {
  return { content: texts.map((text) => ({ type: 'text' as const, text })), ...(isError ? { isError } : {}) };
}

function inputSchemaOf(tool: Tool): { type: 'object'; [key: string]: unknown } {
  const names = Object.keys(tool.arguments);
  if (names.length === 0) return { type: 'object', additionalProperties: false };
  const properties = Object.fromEntries(
    names.map((name) => [name, { type: 'string', description: tool.arguments[name] }]),
  );
  return { type: 'object', required: names, properties, additionalProperties: false };
}

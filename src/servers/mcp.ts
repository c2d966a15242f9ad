import type { IncomingMessage, ServerResponse } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer, type StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import type { Log } from '../net/log.ts';
import { Challenges } from './challenges.ts';
import { inputSchemaOf } from './input-schema.ts';
import type { Arguments, Caller, Tool, ToolAnswer } from './tool.ts';

export interface McpServerSpec {
  /** What the server calls itself towards clients. */
  name: string;
  version: string;
  tools: readonly Tool[];
  /** A tool may answer with a challenge, so that no byte of an answer is sent before the tool has ended. */
  challenges?: true;
}

export interface McpEndpoint {
  /** Answers one POST; `body` is the parsed JSON, already read and bounded. */
  handle(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void>;
  /** Ends subscription streams and whatever else is still open. */
  close(): Promise<void>;
}

type Schema = StandardSchemaWithJSON<Arguments, Arguments>;
type Endpoint = { spec: McpServerSpec; tools: readonly ReadyTool[]; challenges: Challenges; log: Log };

interface ReadyTool {
  tool: Tool;
  inputSchema: Schema;
  outputSchema?: StandardSchemaWithJSON<Record<string, unknown>, Record<string, unknown>>;
}

/** Five minutes: the tools are fixed for the life of the process. */
const LIST_TTL = 300_000;

/** Serves tools to both eras of the protocol without a session: up to 2025-11-25 with `initialize`, 2026-07-28 with `_meta`. */
export function createMcpEndpoint(spec: McpServerSpec, log: Log): McpEndpoint {
  const challenges = new Challenges();
  const endpoint: Endpoint = { spec, tools: spec.tools.map(ready), challenges, log };
  const onerror = (error: Error): void =>
    log({ level: 'debug', message: 'request refused', server: spec.name, reason: error.message });
  const handler = createMcpHandler(({ requestInfo }) => createServer(endpoint, requestInfo), { onerror });
  const fetch: typeof handler.fetch = async (request, options) => {
    const plain = await handler.fetch(request, options);
    const response = spec.challenges ? await challenges.put(request, plain) : plain;
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

function ready(tool: Tool): ReadyTool {
  const inputSchema = fromJsonSchema<Arguments>(inputSchemaOf(tool));
  return tool.output
    ? { tool, inputSchema, outputSchema: fromJsonSchema<Record<string, unknown>>({ ...tool.output }) }
    : { tool, inputSchema };
}

function createServer({ spec, tools, challenges, log }: Endpoint, request: Request | undefined): McpServer {
  const server = new McpServer(
    { name: spec.name, version: spec.version },
    {
      capabilities: { tools: { listChanged: false } },
      // Nobody's list differs from another's, so any cache may keep it.
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL, cacheScope: 'public' } },
    },
  );
  for (const { tool, inputSchema, outputSchema } of tools) {
    const { name, description, annotations } = tool;
    const declared = { description, inputSchema, annotations, ...(outputSchema ? { outputSchema } : {}) };
    server.registerTool(name, declared, async (args, context) => {
      const signals = [context.mcpReq.signal, ...(request ? [request.signal] : [])];
      const caller = { headers: request?.headers ?? new Headers(), signal: AbortSignal.any(signals) };
      const answer = await logged(spec, tool, args, caller, log);
      if (answer.challenge && request) challenges.note(request, answer.challenge, answer.texts.join('\n'));
      return toResult(answer);
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
    ...(answer.challenge ? { challenge: answer.challenge.status } : {}),
    took,
  });
  return answer;
}

/** No interface: the SDK's result is open for further members. */
type Result = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: true;
};

function toResult({ texts, structured, isError }: ToolAnswer): Result {
  return {
    content: texts.map((text) => ({ type: 'text' as const, text })),
    ...(structured ? { structuredContent: { ...structured } } : {}),
    ...(isError ? { isError } : {}),
  };
}

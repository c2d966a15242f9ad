import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { inspect, type CompiledRoute, type Inspection } from '../pomerium/index.ts';
import type { Options, PolicyInput, Session } from '../pomerium/model.ts';
import { systemError } from '../system-error.ts';

export interface RequestOptions {
  tool?: string;
  /** A JSON-RPC method. */
  rpc?: string;
  method?: string;
  path?: string;
  /** Text, `@file`, or `-` for standard input. */
  body?: string;
  bodyBytes?: number;
  contentType?: string;
  sourceIp?: string;
}

/** A request as it would arrive. */
export interface TriedRequest {
  method: string;
  path: string;
  contentType: string | undefined;
  body: Buffer;
  sourceIp: string;
}

/** The request that the command line describes: to an MCP server a JSON-RPC call by POST, else a GET. */
export async function buildRequest(ctx: Ctx, options: RequestOptions, route: CompiledRoute): Promise<TriedRequest> {
  const isCall = [options.tool, options.rpc, options.body, options.bodyBytes].some((value) => value !== undefined);
  const method = (options.method ?? (route.kind === 'server' || isCall ? 'POST' : 'GET')).toUpperCase();
  const body = method === 'POST' || isCall ? await bodyOf(ctx, options) : Buffer.alloc(0);
  return {
    method,
    path: options.path ?? defaultPath(route),
    contentType: options.contentType ?? (body.length > 0 ? 'application/json' : undefined),
    body,
    sourceIp: options.sourceIp ?? '127.0.0.1',
  };
}

/** Where clients of the route send their requests. */
function defaultPath({ route }: CompiledRoute): string {
  return route.path ?? route.prefix ?? '/';
}

async function bodyOf(ctx: Ctx, { body, tool, rpc, bodyBytes }: RequestOptions): Promise<Buffer> {
  if (body !== undefined) {
    if (tool !== undefined || rpc !== undefined || bodyBytes !== undefined)
      throw usage(
        '--body is the whole body; --tool, --rpc and --body-bytes make one',
        "mcpgw policy test --body '{...}'",
      );
    return readBody(ctx, body);
  }
  return Buffer.from(callText(rpc ?? (tool === undefined ? 'initialize' : 'tools/call'), tool, bodyBytes ?? 0));
}

async function readBody(ctx: Ctx, body: string): Promise<Buffer> {
  if (body === '-') return Buffer.from(await readText(ctx.stdin));
  if (!body.startsWith('@')) return Buffer.from(body);
  return readFile(resolve(ctx.cwd, body.slice(1))).catch((error: unknown) => {
    throw systemError(error) ?? usage(`--body: ${body.slice(1)} cannot be read`, "mcpgw policy test --body '{...}'");
  });
}

/** One JSON-RPC request, filled up to at least so many bytes. */
export function callText(method: string, tool: string | undefined, bytes: number): string {
  const write = (padding: string): string => {
    const given = padding === '' ? {} : { padding };
    const params = method === 'tools/call' ? { name: tool, arguments: given } : given;
    return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  };
  const missing = bytes - Buffer.byteLength(write(''));
  if (missing <= 0) return write('');
  const member = Buffer.byteLength(write('x')) - Buffer.byteLength(write('')) - 1;
  return write('x'.repeat(Math.max(1, missing - member)));
}

/** What the authorization check sees; undefined on a route whose bodies are never looked into. */
export function inspectionOf(request: TriedRequest, route: CompiledRoute, options: Options): Inspection | undefined {
  const limit = route.route.mcp?.server?.max_request_bytes;
  if (limit === undefined || options.runtime_flags['mcp'] === false) return undefined;
  return inspect({ ...request, http2: false }, limit);
}

export function inputOf(
  request: TriedRequest,
  inspection: Inspection | undefined,
  session: Session | undefined,
  hostname: string,
): PolicyInput {
  const { method, path, sourceIp: ip } = request;
  const preflight = { origin: 'https://example.com', 'access-control-request-method': 'POST' };
  return {
    http: { method, path, hostname, ip, headers: method === 'OPTIONS' ? preflight : {} },
    ...(session && { session }),
    ...(inspection?.kind === 'read' && { mcp: inspection.request }),
  };
}

import { peekJsonRpc } from '../json/peek.ts';
import type { McpRequest } from '../model.ts';

/** Bytes of an HTTP/1.1 body that Envoy buffers as Pomerium sets it up; a route that wants to look at more loses such requests. */
export const BUFFER_BYTES = 32_768;

export interface InspectedRequest {
  method: string;
  contentType: string | undefined;
  body: Buffer;
  http2: boolean;
}

/** `read`: the rules on tools know the call. `blind`: they do not, and the request goes on. `too-large`: it is answered 413. */
export type Inspection = { kind: 'read'; request: McpRequest } | { kind: 'blind'; why: string } | { kind: 'too-large' };

/** What the authorization check gets to see of a request to an MCP server route: Pomerium v0.33.1 authorize/evaluator/mcp.go. */
export function inspect({ method, contentType, body, http2 }: InspectedRequest, limit: number): Inspection {
  if (exceedsBuffer(body.length, limit, http2)) return { kind: 'too-large' };
  if (method !== 'POST') return { kind: 'blind', why: `only a POST is looked into, not a ${method}` };
  if (body.length === 0) return { kind: 'blind', why: 'it has no body' };
  if (!isJson(contentType))
    return { kind: 'blind', why: `a body sent as ${contentType ?? 'nothing'} is not looked into` };
  const request = peekJsonRpc(body.length > limit ? body.subarray(0, limit) : body);
  if (request) return { kind: 'read', request };
  if (body.length > limit)
    return {
      kind: 'blind',
      why: `its body has ${body.length} bytes, and what max_request_bytes (${limit}) leaves of it does not parse`,
    };
  if (/^\s*\[/.test(body.toString('latin1', 0, 64)))
    return { kind: 'blind', why: 'a JSON-RPC batch is not looked into' };
  return { kind: 'blind', why: 'its body is no JSON-RPC 2.0 request' };
}

/**
 * Whether Envoy refuses a body because a route wants to look at more than is buffered. It reads up to half as much again in one go, so
 * that limits just above are still reached.
 */
export function exceedsBuffer(bytes: number, limit: number, http2: boolean): boolean {
  if (http2 || limit <= BUFFER_BYTES || bytes <= BUFFER_BYTES) return false;
  return bytes < limit || limit > BUFFER_BYTES * 1.5;
}

export function isJson(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  if (contentType === 'application/json') return true;
  return contentType.split(';', 1)[0]?.trim().toLowerCase() === 'application/json';
}

import { isRecord } from '../json.ts';
import type { IncomingMessage } from 'node:http';

/** Bytes of the largest request body that is read. */
export const MAX_BODY = 4 * 1024 * 1024;
/** Deeper JSON serves no tool here and would exhaust the stack of whatever walks it. */
const MAX_DEPTH = 256;

export type Body =
  | { kind: 'json'; value: unknown }
  | { kind: 'refused'; status: 400 | 413; code: number; reason: string };

/** Reads and parses a request's body. Rejects when the client goes away half way. */
export async function readJsonBody(request: IncomingMessage): Promise<Body> {
  const tooLarge = {
    kind: 'refused',
    status: 413,
    code: -32000,
    reason: `Request body exceeds ${MAX_BODY} bytes`,
  } as const;
  if (Number(request.headers['content-length']) > MAX_BODY) return tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return tooLarge;
    chunks.push(chunk);
  }
  return parseBody(Buffer.concat(chunks));
}

function parseBody(bytes: Buffer): Body {
  if (bytes.length === 0) return parseError('POST requires a non-empty body');
  if (isDeeperThan(bytes, MAX_DEPTH)) return parseError(`JSON nested deeper than ${MAX_DEPTH} levels`);
  try {
    // The schema of the SDK looks at the value's shape; nothing about it is taken for granted here.
    return { kind: 'json', value: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return parseError('Invalid JSON');
  }
}

function parseError(reason: string): Body {
  return { kind: 'refused', status: 400, code: -32700, reason: `Parse error: ${reason}` };
}

const byteOf = (char: string): number => char.charCodeAt(0);
const QUOTE = byteOf('"');
const BACKSLASH = byteOf('\\');
const OPENING = new Set([byteOf('['), byteOf('{')]);
const CLOSING = new Set([byteOf(']'), byteOf('}')]);

function isDeeperThan(json: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Why a JSON-RPC batch is refused; undefined when it may pass or is none. */
export function batchRefusal(value: unknown, version: string | undefined): string | undefined {
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return 'Invalid Request: empty batch';
  // Batches came with 2025-03-26 and went with 2025-06-18; versions are dates and compare as text.
  if (version && version >= '2025-06-18') {
    return `Invalid Request: JSON-RPC batching is not supported in 2025-06-18 and later (request version: ${version.slice(0, 20)})`;
  }
  const ids = value
    .map((message: unknown) => (isRecord(message) ? message['id'] : undefined))
    .filter((id) => id !== undefined);
  return new Set(ids).size < ids.length ? 'Invalid Request: two requests of the batch have the same id' : undefined;
}

/** Takes out `params: null` and `arguments: null`, which some clients send for nothing and the public servers accept. */
export function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (!isRecord(value)) return value;
  const { params, ...rest } = value;
  if (params === null) return rest;
  if (!isRecord(params) || params['arguments'] !== null) return value;
  const { arguments: _, ...others } = params;
  return { ...rest, params: others };
}

import { hasNumberBeyondDouble, isText, readString, skipSpaces, visitMembers } from './scan.ts';
import type { McpRequest } from '../model.ts';

/**
 * What Pomerium v0.33.1 sees of a body: authorize/evaluator/mcp.go on modelcontextprotocol/go-sdk v1.5.0 internal/jsonrpc2. The
 * envelope's member names match exactly and the last of equal ones counts; what follows the first JSON value is not looked at.
 */

interface Envelope {
  version: string;
  id: number | string | undefined;
  method: string;
  /** Offsets of `params`; -1 when absent. */
  params: number;
}

const isString = (json: Buffer, at: number): boolean => json[at] === 0x22;
const isNull = (json: Buffer, at: number): boolean => json[at] === 0x6e;
const isObject = (json: Buffer, at: number): boolean => json[at] === 0x7b;

/** Go: int64(float64). What does not fit becomes the smallest int64 on amd64. */
function toInt64(value: number): number {
  const whole = Math.trunc(value) + 0;
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? whole : -(2 ** 63);
}

/** What most ids are, read without making a string of it. */
function smallInteger(json: Buffer, at: number, end: number): number | undefined {
  if (end - at > 15) return undefined;
  let value = 0;
  for (let i = at; i < end; i++) {
    const digit = (json[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function readId(json: Buffer, at: number, end: number, envelope: Envelope): boolean {
  if (isString(json, at)) envelope.id = readString(json, at, end);
  else if (isNull(json, at)) envelope.id = undefined;
  else {
    const value = smallInteger(json, at, end) ?? Number(json.toString('latin1', at, end));
    if (!Number.isFinite(value)) return false;
    envelope.id = toInt64(value);
  }
  return true;
}

/** False: the type is wrong and the whole message does not count. A null leaves the field as it was, as Go's decoders do. */
function readMember(json: Buffer, key: number, keyEnd: number, at: number, end: number, envelope: Envelope): boolean {
  switch (envelopeName(json, key, keyEnd)) {
    case 'jsonrpc':
      if (isString(json, at)) envelope.version = isText(json, at, end, '2.0') ? '2.0' : readString(json, at, end);
      return isString(json, at) || isNull(json, at);
    case 'id':
      return readId(json, at, end, envelope);
    case 'method':
      if (isString(json, at)) envelope.method = isText(json, at, end, CALL) ? CALL : readString(json, at, end);
      return isString(json, at) || isNull(json, at);
    case 'params':
      envelope.params = at;
      return true;
    case 'error':
      return isObject(json, at) || isNull(json, at);
    default:
      return true;
  }
}

/** The names that count; a key is made a string only when it is none of them as it stands, and then for its escapes. */
const ENVELOPE = ['jsonrpc', 'id', 'method', 'params', 'error'] as const;
const CALL = 'tools/call';

function envelopeName(json: Buffer, key: number, keyEnd: number): string {
  for (const name of ENVELOPE) if (isText(json, key, keyEnd, name)) return name;
  return readString(json, key, keyEnd);
}

/** Go's encoding/json folds case with Unicode's simple folding, in which U+017F is an s and U+212A a k. */
export function foldName(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's');
}

function parameterName(json: Buffer, key: number, keyEnd: number): string {
  if (isText(json, key, keyEnd, 'name')) return 'name';
  return isText(json, key, keyEnd, 'arguments') ? 'arguments' : foldName(readString(json, key, keyEnd));
}

/** `params.name` by Go's encoding/json: any case, last one counts. Undefined: the parameters did not decode. */
function readTool(json: Buffer, at: number): string | undefined {
  if (at < 0) return undefined;
  let name = '';
  if (isNull(json, at)) return name;
  const end = visitMembers(json, at, (key, keyEnd, value, valueEnd) => {
    const member = parameterName(json, key, keyEnd);
    if (member === 'name') {
      if (isString(json, value)) name = readString(json, value, valueEnd);
      return isString(json, value) || isNull(json, value);
    }
    if (member !== 'arguments' || isNull(json, value)) return true;
    // Decoded into map[string]any, where a number beyond float64 is an error.
    return isObject(json, value) && !hasNumberBeyondDouble(json, value, valueEnd);
  });
  return end < 0 ? undefined : name;
}

/**
 * The JSON-RPC request in (the inspected prefix of) a body; undefined when it counts as none: truncated, batch, response, other
 * version, byte order mark. `tool` is set for tools/call whose parameters decode.
 */
export function peekJsonRpc(body: Buffer): McpRequest | undefined {
  const envelope: Envelope = { version: '', id: undefined, method: '', params: -1 };
  const end = visitMembers(body, skipSpaces(body, 0), (key, keyEnd, value, valueEnd) =>
    readMember(body, key, keyEnd, value, valueEnd, envelope),
  );
  if (end < 0 || envelope.version !== '2.0' || envelope.method === '') return undefined;
  const { id, method } = envelope;
  const tool = method === CALL ? readTool(body, envelope.params) : undefined;
  return { ...(id !== undefined && { id }), method, ...(tool !== undefined && { tool }) };
}

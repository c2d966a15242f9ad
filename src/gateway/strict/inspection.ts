import { isUtf8 } from 'node:buffer';
import { isJson, peekJsonRpc } from '../../pomerium/index.ts';
import { foldName } from '../../pomerium/json/peek.ts';
import { readString, skipSpaces, visitMembers } from '../../pomerium/json/scan.ts';
import type { McpRequest } from '../../pomerium/model.ts';
import type { Inbound } from '../inbound.ts';
import type { ReadBody } from '../request-body.ts';
import { headerProblem } from './header-match.ts';

/** Why a message is not passed on, and the JSON-RPC code that says so. */
export interface BodyProblem {
  status: number;
  code: number;
  reason: string;
}

const ENVELOPE = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];
const PARAMETERS = ['name', 'arguments'];

/**
 * Why a rule on tools cannot be decided for a request. Pomerium lets pass what it cannot read; here such a request is refused, so that a
 * tool is called only after it was looked at. `limit`: bytes that may be looked at.
 */
export function inspectionProblem(inbound: Inbound, limit: number, read: ReadBody): BodyProblem | undefined {
  if (inbound.method !== 'POST') {
    const isEmpty = read.complete && read.bytes.length === 0;
    return isEmpty ? undefined : problem(400, `a body with ${inbound.method}`);
  }
  if (!isJson(inbound.contentType)) return problem(415, 'the content type is not application/json');
  if (!read.complete || read.bytes.length > limit) return problem(413, `more than max_request_bytes, ${limit} here`);
  const { bytes } = read;
  if (!isUtf8(bytes)) return problem(400, 'no UTF-8');
  const names = namesOf(bytes);
  if (typeof names === 'string') return problem(400, names);
  const request = peekJsonRpc(bytes);
  if (request) return requestProblem(inbound, request);
  // The answer of a client to a request of the server calls nothing.
  const isAnswer = !names.has('method') && (names.has('result') || names.has('error'));
  return isAnswer ? undefined : problem(400, 'no JSON-RPC 2.0 message');
}

function requestProblem(inbound: Inbound, request: McpRequest): BodyProblem | undefined {
  if (request.method === 'tools/call' && !request.tool) return problem(400, 'a tools/call without a name');
  const differs = headerProblem(inbound.request.rawHeaders, request);
  return differs === undefined ? undefined : { status: 400, code: -32_020, reason: differs };
}

function problem(status: number, reason: string): BodyProblem {
  return { status, code: -32_600, reason };
}

/** The names of the message's members, or what makes its reading depend on the reader. */
function namesOf(json: Buffer): Set<string> | string {
  const start = skipSpaces(json, 0);
  if (json[start] === 0x5b) return 'a batch';
  let params = -1;
  const { found, problem: why } = uniqueNames(json, start, ENVELOPE, (name, at) => {
    if (name === 'params') params = at;
  });
  if (why !== undefined) return why;
  if (skipSpaces(json, found.end) !== json.length) return 'more than one JSON value';
  if (params >= 0 && json[params] === 0x7b) {
    const inner = uniqueNames(json, params, PARAMETERS);
    if (inner.problem !== undefined) return inner.problem;
  }
  return found.names;
}

/**
 * The names of an object's members. Two that differ in case alone are one for Pomerium and two for other readers, as is a known name in
 * another case.
 */
function uniqueNames(
  json: Buffer,
  at: number,
  known: readonly string[],
  visit: (name: string, value: number) => void = () => undefined,
): { found: { names: Set<string>; end: number }; problem?: string } {
  const names = new Set<string>();
  const folded = new Set<string>();
  let why: string | undefined;
  const end = visitMembers(json, at, (key, keyEnd, value) => {
    const name = readString(json, key, keyEnd);
    const plain = foldName(name);
    if (folded.has(plain)) why = 'a name is there twice';
    else if (name !== plain && known.includes(plain)) why = 'a known name in another case';
    folded.add(plain);
    names.add(name);
    visit(name, value);
    return why === undefined;
  });
  if (why === undefined && end < 0) why = 'no JSON object';
  return { found: { names, end }, ...(why === undefined ? {} : { problem: why }) };
}

import { isRecord, parseJson } from '../json.ts';
import { parseChallenge } from '../oauth/challenge.ts';
import { abortError, discard, send } from '../oauth/http.ts';
import { badMcpAnswer, ChallengeError, policyDenial, RpcError } from './errors.ts';
import { eventData } from './event-stream.ts';
import type { McpOptions, RpcMessage } from './types.ts';

/** Bytes of one answer; results of tools can be large, endless ones cannot be shown. */
const LIMIT = 64 * 1024 * 1024;

export interface Sent {
  result: Record<string, unknown>;
  /** Legacy servers name the session here. */
  sessionId?: string;
}

/** What else arrives on the stream of a legacy server: its own requests. */
export type OnRequest = (message: RpcMessage) => void;

/** Posts one JSON-RPC request and reads its answer, as JSON or from an event stream. */
export async function postRequest(
  options: McpOptions,
  message: { id: number; method: string; params: Record<string, unknown> },
  headers: Record<string, string>,
  onRequest?: OnRequest,
): Promise<Sent> {
  const { server } = options;
  const response = await post(options, message, headers);
  assertAdmitted(server, response);
  const answer = await readAnswer(options, response, message.id, onRequest);
  if (!answer) {
    if (response.ok) throw badMcpAnswer(server, 'ended its answer without a result');
    throw new HttpStatusError(server, response.status);
  }
  if (isRecord(answer.error)) throw rpcError(server, response.status, answer.error);
  if (!isRecord(answer.result)) throw badMcpAnswer(server, 'answered without a result');
  const sessionId = response.headers.get('mcp-session-id');
  return { result: answer.result, ...(sessionId === null ? {} : { sessionId }) };
}

/** Posts a notification or a reply; whatever is answered does not matter. */
export async function postNotice(
  options: McpOptions,
  message: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<void> {
  const response = await post(options, message, headers);
  await discard(response);
  assertAdmitted(options.server, response);
}

/** A status that is no answer to the request. */
export class HttpStatusError extends Error {
  readonly status: number;

  constructor(server: URL, status: number) {
    super(`${server.href} answered with status ${status}`);
    this.status = status;
  }
}

function post(
  { server, accessToken, fetch, signal }: McpOptions,
  message: Record<string, unknown>,
  headers: Record<string, string>,
): Promise<Response> {
  return send(fetch, server, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    signal,
  });
}

function assertAdmitted(server: URL, response: Response): void {
  const { status } = response;
  const challenge = response.headers.get('www-authenticate') ?? undefined;
  const isStepUp = status === 403 && parseChallenge(challenge)?.error === 'insufficient_scope';
  if (status !== 401 && !isStepUp) return;
  void discard(response);
  throw new ChallengeError(server, status, challenge);
}

async function readAnswer(
  options: McpOptions,
  response: Response,
  id: number,
  onRequest?: OnRequest,
): Promise<RpcMessage | undefined> {
  if (!response.body) return undefined;
  const type = response.headers.get('content-type') ?? '';
  try {
    if (/^text\/event-stream/i.test(type)) return await readStream(response.body, id, onRequest);
    const text = await readText(response.body);
    return answerIn(parseJson(text), id);
  } catch (error) {
    if (options.signal.aborted) throw abortError(options.signal);
    throw badMcpAnswer(
      options.server,
      `broke off its answer: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

async function readStream(
  body: ReadableStream<Uint8Array>,
  id: number,
  onRequest?: OnRequest,
): Promise<RpcMessage | undefined> {
  // Leaving the loop cancels the body: a stream that stays open after the answer does not keep the process alive.
  for await (const data of eventData(body, LIMIT)) {
    const message = parseJson(data);
    const answer = answerIn(message, id);
    if (answer) return answer;
    if (isRecord(message) && typeof message['method'] === 'string' && message['id'] !== undefined) onRequest?.(message);
  }
  return undefined;
}

/** The answer to our request; 2025-03-26 lets a server answer with a batch. Errors about a request that was not understood have no id. */
function answerIn(value: unknown, id: number): RpcMessage | undefined {
  const messages = Array.isArray(value) ? value : [value];
  return messages.find(
    (message): message is RpcMessage =>
      isRecord(message) &&
      ('result' in message || 'error' in message) &&
      (message['id'] === id || ((message['id'] ?? null) === null && 'error' in message)),
  );
}

function rpcError(server: URL, status: number, error: Record<string, unknown>): Error {
  const code = typeof error['code'] === 'number' ? error['code'] : 0;
  const message = typeof error['message'] === 'string' ? error['message'] : 'an error without a message';
  return policyDenial(server, code, message) ?? new RpcError(server, status, { code, message, data: error['data'] });
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LIMIT) throw new RangeError('it is larger than 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

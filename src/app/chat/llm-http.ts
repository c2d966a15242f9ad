import { isRecord, parseJson } from '../../json.ts';
import { eventData } from '../../mcp/event-stream.ts';
import type { Fetch } from '../../net/fetch.ts';

/** The service of the LLM refused, or its answer cannot be used. The message is for the page and holds no key. */
export class LlmError extends Error {}

/** Bytes of one event, and of an answer that is no stream. */
const LIMIT = 4 * 1024 * 1024;

export type Event = Record<string, unknown>;

/** Posts JSON and gives the answer's events, each parsed; `[DONE]` and events that are no JSON object are left out. */
export async function* streamEvents(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const response = await ask(fetch, url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.body) throw new LlmError('The service answered with nothing.');
  try {
    for await (const data of eventData(response.body, LIMIT)) {
      const event = parseJson(data);
      if (isRecord(event)) yield event;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LlmError) throw error;
    throw new LlmError(`The service broke off its answer: ${messageOf(error)}.`, { cause: error });
  }
}

/** A JSON object by GET. */
export async function getJson(
  fetch: Fetch,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Event> {
  const response = await ask(fetch, url, { headers: { ...headers, accept: 'application/json' }, signal });
  const value = parseJson((await response.text()).slice(0, LIMIT));
  if (!isRecord(value)) throw new LlmError('The service’s list of models is no JSON.');
  return value;
}

async function ask(fetch: Fetch, url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'manual' });
  } catch (error) {
    init.signal.throwIfAborted();
    throw new LlmError(`${new URL(url).host} does not answer: ${messageOf(error)}.`, { cause: error });
  }
  if (response.ok) return response;
  throw new LlmError(refusal(new URL(url).host, response.status, (await response.text()).slice(0, LIMIT)));
}

function refusal(host: string, status: number, text: string): string {
  // What services say about a key repeats parts of it.
  if (status === 401 || status === 403) return `${host} does not accept the key (status ${status}).`;
  const said = errorText(parseJson(text));
  const tail = said === undefined ? '' : `: ${said.slice(0, 500)}`;
  if (status === 429) return `${host} asks to wait, or the account’s quota is used up (status 429)${tail}`;
  if (status === 404) return `${host} does not know this model or address (status 404)${tail}`;
  return `${host} answered with status ${status}${tail}`;
}

/** Both APIs write `{"error": {"message": ...}}`. */
export function errorText(value: unknown): string | undefined {
  const error = isRecord(value) ? value['error'] : undefined;
  const message = isRecord(error) ? error['message'] : error;
  return typeof message === 'string' && message !== '' ? message : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A text; everything else is the empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The names in `{"data": [{"id": ...}]}`, as both APIs list their models. */
export function modelNames(listed: Event): string[] {
  const data = Array.isArray(listed['data']) ? listed['data'] : [];
  return data.flatMap((one) => (isRecord(one) && typeof one['id'] === 'string' ? [one['id']] : []));
}

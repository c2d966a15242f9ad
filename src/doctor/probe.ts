import { parseJson } from '../json.ts';
import type { Fetch } from '../net/fetch.ts';

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
/** Bytes of a document that are read; metadata takes a few hundred. */
const LIMIT = 1024 * 1024;

export interface Challenge {
  status: number;
  /** Where the challenge says that the protected resource metadata is (RFC 9728 §5.1). */
  resourceMetadata: string | undefined;
}

/** A call without a token, as an MCP client's first one is. */
export async function askAnonymously(fetch: Fetch, url: URL, signal: AbortSignal): Promise<Challenge> {
  const response = await send(fetch, url.href, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(PING),
    signal,
  });
  await leave(response);
  const challenge = response.headers.get('www-authenticate') ?? '';
  return { status: response.status, resourceMetadata: /resource_metadata="([^"]+)"/.exec(challenge)?.[1] };
}

/** A JSON object; throws what came instead. */
export async function getJson(fetch: Fetch, url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await send(fetch, url, { headers: { accept: 'application/json' }, signal });
  if (response.status !== 200) {
    await leave(response);
    throw new Error(`${url} answered ${response.status}`);
  }
  const document = parseJson(await readText(response, url));
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { ...document };
  throw new Error(`${url} answered something that is no JSON object`);
}

/** The status of an answer whose body nobody wants. */
export async function statusOf(fetch: Fetch, url: string, signal: AbortSignal): Promise<number> {
  const response = await send(fetch, url, { signal });
  await leave(response);
  return response.status;
}

/** Why no connection came about; the system's code beside the words. */
export class Unreachable extends Error {
  readonly code: string;

  constructor(url: string, cause: unknown) {
    const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    super(`${url}: ${inner instanceof Error ? inner.message : String(inner)}`, { cause });
    this.code = (inner as NodeJS.ErrnoException).code ?? '';
  }
}

async function send(fetch: Fetch, url: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    init.signal.throwIfAborted();
    throw new Unreachable(url, error);
  }
}

async function readText(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    // Leaving the loop closes the connection.
    if (size > LIMIT) throw new Error(`${url} answered with more than 1 MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function leave(response: Response): Promise<void> {
  // How an unwanted body ends is of no interest.
  await response.body?.cancel().catch(() => undefined);
}

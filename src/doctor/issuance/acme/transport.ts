import { parseJson } from '../../../json.ts';
import type { Fetch } from '../../../net/fetch.ts';
import { VERSION } from '../../../version.ts';
import { AcmeRefusal, AcmeUnreachable, readProblem } from './problem.ts';

/** Bytes of an answer that are read; the largest objects take a few thousand. */
const LIMIT = 256 * 1024;
/** Milliseconds for one request; an authority answers within one second, a silent one never. */
const REQUEST_LIMIT = 10_000;

export interface AcmeAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

export interface TransportOptions {
  fetch: Fetch;
  now: () => number;
  /** Milliseconds for one request; default 10 s. */
  requestLimit?: number;
}

export interface AcmeRequest {
  method: 'GET' | 'HEAD' | 'POST';
  signal: AbortSignal;
  body?: string;
}

/** One request to an ACME server. Throws AcmeRefusal for a problem document, AcmeUnreachable for everything that is no ACME. */
export async function exchange(
  { fetch, now, requestLimit = REQUEST_LIMIT }: TransportOptions,
  url: string,
  { method, signal: ended, body }: AcmeRequest,
): Promise<AcmeAnswer> {
  const headers: Record<string, string> = { 'user-agent': `mcpgw/${VERSION} (doctor, dry run)` };
  if (body !== undefined) headers['content-type'] = 'application/jose+json';
  const tooLate = AbortSignal.timeout(requestLimit);
  const signal = AbortSignal.any([ended, tooLate]);
  try {
    const response = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
    const parsed = parseJson(await readLimited(response, url));
    if (response.status < 400) return { status: response.status, headers: response.headers, body: parsed };
    const problem = readProblem(parsed);
    if (problem) throw new RefusedAnswer({ status: response.status, ...problem }, response.headers, now());
    throw new AcmeUnreachable(
      url,
      `HTTP ${response.status}`,
      `answered ${response.status}, without a problem document`,
    );
  } catch (error) {
    if (error instanceof AcmeRefusal || error instanceof AcmeUnreachable) throw error;
    ended.throwIfAborted();
    if (tooLate.aborted) throw new AcmeUnreachable(url, 'TIMEOUT', `no answer within ${requestLimit / 1000} s`, error);
    throw unreachable(url, error);
  }
}

/** The refusal with its headers: even such an answer brings the next nonce (RFC 8555 §6.5). */
export class RefusedAnswer extends AcmeRefusal {
  readonly headers: Headers;

  constructor(problem: AcmeRefusal['problem'], headers: Headers, now: number) {
    super(problem, retryTime(headers, now));
    this.headers = headers;
  }
}

/** `Retry-After` (RFC 9110 §10.2.3), seconds or a date, as milliseconds since 1970. */
export function retryTime(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const at = /^\d+$/.test(value.trim()) ? now + Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

function unreachable(url: string, error: unknown): AcmeUnreachable {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'NO_ACME';
  return new AcmeUnreachable(url, code, message, error);
}

async function readLimited(response: Response, url: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LIMIT) throw new AcmeUnreachable(url, 'NO_ACME', 'the answer is longer than any of an ACME server');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

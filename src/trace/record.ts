import type { Fetch } from '../net/fetch.ts';
import type { TracedExchange } from './exchange.ts';
import { redactBody, redactHeader, redactUrl } from './redact.ts';

/** Bytes of a body that are kept. */
const KEPT = 16_384;

export interface Recorder {
  /** The same as the one that was given, and every exchange is remembered. */
  fetch: Fetch;
  readonly exchanges: readonly TracedExchange[];
  /** Bodies as they came, for judging what they say; never shown. */
  bodyOf(exchange: TracedExchange): string | undefined;
}

/** Wraps a fetch. An event stream's body is not kept: it may never end. */
export function recordExchanges(fetch: Fetch, now: () => number): Recorder {
  const exchanges: TracedExchange[] = [];
  const bodies = new WeakMap<TracedExchange, string>();
  const recording: Fetch = async (input, init) => {
    const request = new Request(input, init);
    const sent = request.body ? await request.clone().text() : undefined;
    const startedAt = now();
    const base = {
      method: request.method,
      url: redactUrl(request.url),
      requestHeaders: headersOf(request.headers),
      ...(sent === undefined ? {} : { requestBody: redactBody(sent.slice(0, KEPT), typeOf(request.headers)) }),
      startedAt,
    };
    try {
      const response = await fetch(request);
      const exchange: TracedExchange = {
        ...base,
        status: response.status,
        responseHeaders: headersOf(response.headers),
        took: now() - startedAt,
      };
      exchanges.push(exchange);
      return keepBody(response, exchange, bodies);
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      exchanges.push({ ...base, status: 0, responseHeaders: [], failure, took: now() - startedAt });
      throw error;
    }
  };
  return { fetch: recording, exchanges, bodyOf: (exchange) => bodies.get(exchange) };
}

/** The body goes on to who asked; what passes is remembered on its way. */
function keepBody(response: Response, exchange: TracedExchange, bodies: WeakMap<TracedExchange, string>): Response {
  const type = typeOf(response.headers);
  if (!response.body || type.includes('text/event-stream')) return response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const passing = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (size < KEPT) chunks.push(chunk);
      size += chunk.length;
      const text = Buffer.concat(chunks).subarray(0, KEPT).toString('utf8');
      bodies.set(exchange, text);
      exchange.responseBody = redactBody(text, type);
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(passing), { status, statusText, headers });
}

function headersOf(headers: Headers): [string, string][] {
  const cookies = headers.getSetCookie().map((value): [string, string] => ['set-cookie', value]);
  const rest = [...headers].filter(([name]) => name !== 'set-cookie');
  return [...rest, ...cookies].map(([name, value]) => [name, redactHeader(name, value)]);
}

function typeOf(headers: Headers): string {
  return headers.get('content-type') ?? '';
}

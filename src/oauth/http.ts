import { parseRecord } from '../json.ts';
import { CliError, interrupted } from '../errors.ts';
import type { Fetch } from '../net/fetch.ts';
import { badAnswer, discoveryFailed, tooSlow, unreachable } from './errors.ts';

/** Bytes of an answer that are read; metadata and token answers are a few kilobytes. */
const LIMIT = 1024 * 1024;
const SHORT = 64 * 1024;
const MAX_REDIRECTS = 3;
/** Milliseconds in which a metadata document must have come whole. */
const DOCUMENT_TIMEOUT = 15_000;

/** `localhost`, names that always mean it, and loopback addresses: the only hosts that may be spoken to without TLS. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  const isLocalName = name === 'localhost' || name.endsWith('.localhost') || name.endsWith('.localhost.pomerium.io');
  return isLocalName || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** Literal addresses that a server on the internet has no business to send anybody to. */
function isPrivateAddress(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  if (
    /^(0|10|127)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(
      name,
    )
  )
    return true;
  return /^(::1?$|::ffff:|f[cd]|fe[89ab])/.test(name) && name.includes(':');
}

/**
 * A URL taken from a server's document, checked before anything is sent to it: https, or http to loopback; and not to loopback
 * or a private address when the server it is for is elsewhere (MCP security best practices, server-side request forgery).
 */
export function checkedUrl(text: unknown, what: string, server: URL): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): CliError =>
    discoveryFailed(
      `${what} is \`${String(text).slice(0, 200)}\`: ${why}`,
      'it comes from the server’s own documents',
      'tell whoever runs the server',
    );
  if (!url) throw refuse('that is no URL');
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSecure) throw refuse('only https may be used, or http to loopback');
  if (url.username || url.password) throw refuse('it holds a user name or a password');
  const isInside = isLoopback(url.hostname) || isPrivateAddress(url.hostname);
  const serverIsInside = isLoopback(server.hostname) || isPrivateAddress(server.hostname);
  if (isInside && !serverIsInside) throw refuse(`${server.host} may not send this machine to its own network`);
  return url;
}

/** Sends a request; network failures become errors that name the URL, an abort stays what it is. */
export async function send(fetch: Fetch, url: URL, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual' });
  } catch (error) {
    if (init.signal.aborted) throw abortError(init.signal);
    throw unreachable(url.origin, error, isLoopback(url.hostname));
  }
}

/** What the end of a wait means: Ctrl+C, or a deadline's own error. */
export function abortError(signal: AbortSignal): Error {
  const { reason } = signal;
  if (reason instanceof CliError) return reason;
  if (reason instanceof DOMException && reason.name === 'TimeoutError') return tooSlow(reason);
  return interrupted('stopped by Ctrl+C; nothing was stored');
}

/** Leaves an answer's body unread. A short one is taken in all the same, so that the connection can be used again. */
export async function discard(response: Response): Promise<void> {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const done = length <= SHORT ? response.arrayBuffer() : response.body?.cancel();
  // It does not matter how an answer ends that nobody wants.
  await done?.then(
    () => undefined,
    () => undefined,
  );
}

/** A JSON document by GET; undefined when there is none (404, or something that is not JSON). Few redirects, each checked. */
export async function getDocument(
  fetch: Fetch,
  url: URL,
  server: URL,
  signal: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(DOCUMENT_TIMEOUT)]);
  let at = url;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await send(fetch, at, { headers: { accept: 'application/json' }, signal: limited });
    const location = response.headers.get('location');
    if (response.status >= 500) throw badAnswer(at.href, `answered with status ${response.status}`);
    if (response.status >= 300 && response.status < 400 && location) {
      await discard(response);
      at = checkedUrl(new URL(location, at).href, `the redirect of ${at.href}`, server);
      continue;
    }
    // Some MCP servers answer every GET with an event stream that never ends.
    const isDocument =
      response.status === 200 && !/^text\/event-stream/i.test(response.headers.get('content-type') ?? '');
    if (isDocument) return parseRecord(await readLimited(response, at.href, limited));
    await discard(response);
    return undefined;
  }
  return undefined;
}

/** The body of an answer as text, up to 1 MiB. */
export async function readLimited(response: Response, url: string, signal: AbortSignal): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > LIMIT) throw badAnswer(url, 'answered with more than 1 MiB');
      chunks.push(chunk);
    }
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    throw error instanceof CliError ? error : badAnswer(url, 'broke off its answer', error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function stringsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : undefined;
}

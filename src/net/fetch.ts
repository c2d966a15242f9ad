import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { Readable } from 'node:stream';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { resolveLoopbackNames, type Resolve } from './resolve.ts';

export type Fetch = typeof globalThis.fetch;

export interface FetchOptions {
  resolve?: Resolve;
  /** PEM texts trusted beside the well-known roots. */
  ca?: readonly string[];
  /** Milliseconds until the response's head must have come; default 30 s. */
  timeout?: number;
}

const NULL_BODY = new Set([101, 204, 205, 304]);

/**
 * A `fetch` over node:http that resolves local names by itself and trusts the project's own authority, without a change to
 * the process. Redirects are never followed: every caller here has to look at each hop.
 */
export function createFetch(options: FetchOptions = {}): Fetch {
  const resolve = options.resolve ?? resolveLoopbackNames;
  let trusted: SecureContext | undefined;
  // One context for all connections: reading some 150 root certificates takes longer than the rest of a request.
  const trust = (): { secureContext?: SecureContext } => {
    if (!options.ca?.length) return {};
    return {
      secureContext: (trusted ??= createSecureContext({ ca: [...getCACertificates('default'), ...options.ca] })),
    };
  };
  const timeout = options.timeout ?? 30_000;
  // Of its own: the process-wide one would hand a connection that was made with other authorities' trust to this one.
  let agent: SecureAgent | undefined;

  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const port = Number(url.port || (secure ? 443 : 80));
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const target = resolve(hostname, port) ?? { host: hostname, port };
    const headers: Record<string, string> = Object.fromEntries(request.headers);
    headers['host'] ??= url.host;
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
    if (body) headers['content-length'] = String(body.length);

    const { promise, resolve: settle, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = (secure ? httpsRequest : httpRequest)(
      {
        host: target.host,
        port: target.port,
        path: `${url.pathname}${url.search}`,
        method: request.method,
        headers,
        signal: request.signal,
        // RFC 6066 §3: an address is no server name.
        ...(secure
          ? {
              servername: isIP(hostname) === 0 ? hostname : '',
              agent: (agent ??= new SecureAgent({ keepAlive: true })),
              ...trust(),
            }
          : {}),
      },
      settle,
    );
    const timer = setTimeout(
      () => outgoing.destroy(new Error(`no answer from ${url.host} within ${timeout} ms`)),
      timeout,
    );
    outgoing.on('error', (cause) => reject(new TypeError(`fetch failed: ${cause.message}`, { cause })));
    outgoing.end(body);
    const incoming = await promise.finally(() => clearTimeout(timer));
    return toResponse(incoming, request.url);
  };
}

function toResponse(incoming: IncomingMessage, url: string): Response {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
  }
  const status = incoming.statusCode ?? 0;
  // Readable.toWeb is typed against node's own stream types, Response against the DOM's; they are one object at run time.
  const body = NULL_BODY.has(status) ? null : (Readable.toWeb(incoming) as unknown as ReadableStream<Uint8Array>);
  if (body === null) incoming.resume();
  const response = new Response(body, { status, statusText: incoming.statusMessage ?? '', headers });
  Object.defineProperty(response, 'url', { value: url });
  return response;
}

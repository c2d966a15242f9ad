import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Resolve } from '../../net/resolve.ts';
import { findAddress } from './public-address.ts';

/** Bytes, as draft-ietf-oauth-client-id-metadata-document recommends. */
const MAX_DOCUMENT = 5_120;
/** Milliseconds for the whole fetch. */
const TIMEOUT = 30_000;

export interface DocumentFetchOptions {
  resolve: Resolve;
  /** PEM texts trusted beside the well-known roots. */
  ca: readonly string[];
  allowPrivateHosts: boolean;
  /** Reserved addresses are private. */
  strict?: boolean;
}

/** The parts of an https URL as written: `new URL` would remove the dot segments that have to be seen. */
const URL_PARTS = /^https:\/\/([^/?#]*)([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/i;

/** `no`: an ordinary client id. `broken`: a URL that must not be one of a client metadata document (its §3). */
export function documentUrlKind(clientId: string): 'no' | 'broken' | 'yes' {
  const parts = URL_PARTS.exec(clientId);
  // What Go's url.Parse does not take is no URL to Pomerium, hence an unknown client.
  if (!parts || !URL.canParse(clientId) || /[^\x21-\x7e\x80-\uffff]|%(?![0-9a-f]{2})/i.test(clientId)) return 'no';
  const [, authority = '', path = '', fragment = ''] = parts;
  const segments = path.split('/').map((segment) => segment.replace(/%2e/gi, '.'));
  const isWrong =
    authority === '' ||
    path === '' ||
    path === '/' ||
    segments.some((segment) => segment === '.' || segment === '..') ||
    fragment !== '' ||
    authority.includes('@');
  return isWrong ? 'broken' : 'yes';
}

/** The document as text. Throws when it cannot be had: a wrong status, too long, too slow, not public, a bad certificate. */
export async function fetchDocument(clientId: string, options: DocumentFetchOptions): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await connect(new URL(clientId), options, signal);
  try {
    // Redirects are not followed: their target was never checked.
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode} instead of 200`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_DOCUMENT) throw new Error(`longer than ${MAX_DOCUMENT} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    response.destroy();
  }
}

async function connect(url: URL, options: DocumentFetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || 443);
  const target = options.resolve(hostname, port) ?? { host: hostname, port };
  // The system's resolver knows no signal and may take its time.
  const timeUp = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );
  const address = await Promise.race([findAddress(target.host, options.allowPrivateHosts, options.strict), timeUp]);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { request } = await import('node:https');
  const outgoing = request(
    {
      host: address,
      port: target.port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, accept: 'application/json' },
      agent: false,
      signal,
      minVersion: 'TLSv1.2',
      ca: [...rootCertificates, ...options.ca],
      // RFC 6066 §3: an address is no server name.
      ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    },
    resolve,
  );
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

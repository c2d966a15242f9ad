import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';

export interface Sent {
  method?: string;
  host?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Of a gateway in another process. */
  port?: number;
}

export interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  location: URL;
}

export interface Defaults {
  port: number;
  host: string;
  ca: string;
}

/** One request on a connection of its own; redirects are not followed. */
export function sendOverTls(defaults: Defaults, path: string, sent: Sent): Promise<Got> {
  const { method = 'GET', host = defaults.host, headers = {}, body = '', port = defaults.port } = sent;
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const length: Record<string, string> = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = request(
    {
      host: '127.0.0.1',
      port,
      servername: host.replace(/:\d+$/, ''),
      ca: defaults.ca,
      agent: false,
      method,
      path,
      headers: { host, ...length, ...headers },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
          location: new URL(incoming.headers.location ?? 'none:'),
        }),
      );
      incoming.on('error', reject);
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

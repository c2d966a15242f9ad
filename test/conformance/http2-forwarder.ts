import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Forwarder, ForwarderOptions } from './forwarder.ts';

/** Headers that speak of one HTTP/1.1 connection (RFC 9113 §8.2.2), and Host, which becomes `:authority`. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]);

/** The same as forwarder.ts for clients that speak HTTP/2 with the gateway: all requests are streams of one connection. */
export async function startHttp2Forwarder({ gateway, accessToken }: ForwarderOptions): Promise<Forwarder> {
  const session = connect(`https://${gateway.host}:${gateway.port}`, { ca: gateway.ca, servername: gateway.host });
  session.on('error', () => undefined);
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const own = request.headers.host === `127.0.0.1:${port}`;
    const headers: OutgoingHttpHeaders = {
      ':method': request.method,
      ':path': request.url,
      ':authority': own ? `${gateway.host}:${gateway.port}` : request.headers.host,
      authorization: `Bearer ${accessToken}`,
    };
    for (const [name, value] of Object.entries(request.headers)) {
      if (!OF_THE_CONNECTION.has(name)) headers[name] = value;
    }
    forward(session, headers, request, response);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      session.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function forward(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const stream = session.request(headers);
  request.pipe(stream);
  stream.on('response', ({ ':status': status = 502, ...answer }) => {
    response.writeHead(status, answer as Record<string, string>);
    response.flushHeaders();
    stream.pipe(response);
  });
  stream.on('error', () => response.destroy());
  stream.on('aborted', () => response.destroy());
  response.on('close', () => {
    if (!response.writableFinished) stream.close(constants.NGHTTP2_CANCEL);
  });
}

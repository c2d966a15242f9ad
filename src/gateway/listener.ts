import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CliError } from '../errors.ts';
import type { Handle } from './client/client.ts';
import { http1Request, http2Request } from './client/node-request.ts';
import { Http1Response, Http2Response } from './client/node-response.ts';
import { PlainConnection } from './client/plain-connection.ts';
import { createServer } from './node-http.ts';
import type { Certificates } from './certificates.ts';
import { OpenConnections } from './open-connections.ts';
import { httpDate, refuse } from './respond.ts';

export interface ListenerHandlers {
  request: Handle;
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
}

export interface Listener {
  address: { host: string; port: number };
  /** New connections get the new certificates. */
  setCertificates(certificates: Certificates): void;
  /** Resolves when the port is free and every connection ended; calls in flight get `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** Envoy's limit for a request head. */
const MAX_HEAD = 60 * 1_024;
/** Milliseconds: Envoy's request_headers_timeout by Pomerium, and its idle timeout. A body may take as long as it moves. */
const TIMING = {
  headersTimeout: 10_000,
  requestTimeout: 0,
  keepAliveTimeout: 300_000,
  connectionsCheckingInterval: 2_000,
};
const HTTP1 = {
  ...TIMING,
  maxHeaderSize: MAX_HEAD,
  requireHostHeader: false,
  noDelay: true,
  insecureHTTPParser: false,
};
/** What one HTTP/2 connection may ask of us at once; Envoy has 100 by Pomerium. */
const MAX_STREAMS = 100;

/** A server for HTTP/1.1 and HTTP/2 over TLS, or for plain HTTP/1.1 without certificates. */
export async function listen(
  where: { host: string; port: number },
  certificates: Certificates | undefined,
  handlers: ListenerHandlers,
): Promise<Listener> {
  let inForce = certificates;
  const server = certificates ? secureServer(certificates, () => inForce ?? certificates) : createServer(HTTP1);
  const connections = new OpenConnections();
  // A server of either kind emits the same events with the same shapes; the type of their union cannot say so.
  const events = server as Server;
  if (certificates) events.on('connection', (socket: Socket) => connections.addBelow(socket));
  intercept(events, certificates ? 'secureConnection' : 'connection', (socket, giveToNode) => {
    if ((socket as TLSSocket).alpnProtocol === 'h2') {
      // Its session is told to finish.
      connections.add(socket, ignore);
      giveToNode();
      return;
    }
    const plain = new PlainConnection(socket, handlers.request, () => {
      connections.addOfNode(socket);
      giveToNode();
    });
    connections.add(socket, () => plain.finish());
    plain.serve();
  });
  (server as Http2SecureServer).on('session', (session) => connections.addSession(session));
  events.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // A client that leaves while it is written to is no failure of ours, and 'close' tells us.
    response.on('error', ignore);
    if (isHttp2(request)) {
      handlers.request(http2Request(request), new Http2Response(asHttp2(response)));
      return;
    }
    connections.begin(request, response);
    // The version is what the client wrote, and may be any: Envoy takes only 1.1.
    if (request.httpVersion === '1.1') handlers.request(http1Request(request), new Http1Response(response));
    else refuseVersion(request, response);
  });
  events.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', ignore);
    handlers.upgrade(request, socket, head);
  });
  events.on('connect', (_request: IncomingMessage, socket: Socket) => refuseRaw(socket, 'HTTP/1.1 404 Not Found', ''));
  events.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseMalformed(error, socket));
  events.maxHeadersCount = 0;
  await start(server, where);
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    setCertificates: (fresh) => {
      inForce = fresh;
      if (certificates) (server as Http2SecureServer).setSecureContext(fresh.first);
    },
    close: (graceMs) => close(server, connections, graceMs),
  };
}

async function close(server: Server | Http2SecureServer, connections: OpenConnections, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  if (graceMs > 0) {
    connections.finish();
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, graceMs);
    await Promise.race([promise, waited.promise]);
    clearTimeout(timer);
  }
  connections.destroy();
  return promise;
}

/** Puts a listener before Node's own, which is then called when the connection is given to it. */
function intercept(
  server: Server,
  event: 'connection' | 'secureConnection',
  listener: (socket: Socket, giveToNode: () => void) => void,
): void {
  const own = server.listeners(event) as ((this: Server, socket: Socket) => void)[];
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) =>
    listener(socket, () => {
      for (const one of own) one.call(server, socket);
    }),
  );
}

function isHttp2(request: unknown): request is Http2ServerRequest {
  return request instanceof Http2ServerRequest;
}

/** Beside a request of HTTP/2 stands a response of HTTP/2; the type of the event cannot say so. */
function asHttp2(response: unknown): Http2ServerResponse {
  return response as Http2ServerResponse;
}

function refuseVersion(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const answer = new Http1Response(response);
  const old = request.httpVersion === '1.0';
  if (old) refuse(answer, 426, 'Upgrade Required');
  else refuse(answer, 400, 'Bad Request');
}

function secureServer({ first }: Certificates, inForce: () => Certificates): Http2SecureServer {
  return createSecureServer({
    ...first,
    // A client that names no host gets the first one.
    SNICallback: (name, done) => done(null, inForce().contextFor(name)),
    allowHTTP1: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: 10_000,
    ...HTTP1,
    http1Options: HTTP1,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEAD },
    // Rejected, not merely warned about: what Node holds for streams that were reset at once (RFC 9113 §10.5).
    streamResetBurst: 1_000,
    streamResetRate: 100,
  });
}

async function start(server: Server | Http2SecureServer, where: { host: string; port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  (server as Server).listen({ host: where.host, port: where.port, exclusive: true }, resolve);
  try {
    await promise;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError({
      code: code === 'EADDRINUSE' ? 'PORT_BUSY' : 'LISTEN_FAILED',
      message: `the gateway cannot listen on ${where.host}:${where.port}`,
      why: cause instanceof Error ? cause.message : String(cause),
      fix: code === 'EACCES' ? 'use a port above 1023 in `address`' : 'stop what holds the port, or change `address`',
      cause,
    });
  } finally {
    server.removeListener('error', reject);
  }
}

/** Bytes that are no HTTP: the answers of Envoy's codec. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
  else if (error.code === 'HPE_HEADER_OVERFLOW') refuseRaw(socket, 'HTTP/1.1 431 Request Header Fields Too Large', '');
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseRaw(socket, 'HTTP/1.1 408 Request Timeout', '');
  else refuseRaw(socket, 'HTTP/1.1 400 Bad Request', 'Bad Request');
}

function refuseRaw(socket: Socket, statusLine: string, body: string): void {
  const type = body === '' ? '' : 'content-type: text/plain\r\n';
  const head = `${statusLine}\r\ncontent-length: ${body.length}\r\n${type}date: ${httpDate()}\r\nserver: envoy\r\nconnection: close\r\n\r\n`;
  socket.end(head + body, 'latin1');
  // Whoever sends rubbish may not read either.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

function ignore(): void {
  // The close event that follows is handled where the exchange is.
}

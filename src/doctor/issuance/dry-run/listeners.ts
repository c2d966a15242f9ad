import { createServer as createHttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { CannotAnswer, type OpenChallenge, type Responder } from './challenge.ts';

const WELL_KNOWN = '/.well-known/acme-challenge/';
/** Milliseconds a visitor may take; the port is open to everybody. */
const PATIENCE = 10_000;

export interface ListenOptions {
  port: number;
  /** Absent: every address of the machine. */
  address?: string;
}

/** Answers the token's path on a port of this machine, everything else with 404 (RFC 8555 §8.3). */
export async function answerHttp(challenge: OpenChallenge, options: ListenOptions): Promise<Responder> {
  const server = createHttpServer({ requestTimeout: PATIENCE, headersTimeout: PATIENCE }, (request, response) => {
    const isAsked = request.url === `${WELL_KNOWN}${challenge.token}`;
    response.writeHead(isAsked ? 200 : 404, { 'content-type': 'application/octet-stream', connection: 'close' });
    response.end(isAsked ? challenge.keyAuthorization : '');
  });
  return listen(server, options);
}

/** Shows the certificate of RFC 8737 §3 to whoever asks for `acme-tls/1`; others get no handshake. */
export async function answerTls(challenge: OpenChallenge, options: ListenOptions): Promise<Responder> {
  const { issueChallengeCertificate } = await import('../../../tls/x509.ts');
  const { certPem, keyPem } = await issueChallengeCertificate(challenge.host, challenge.keyAuthorization);
  const server = createTlsServer(
    { cert: certPem, key: keyPem, ALPNProtocols: ['acme-tls/1'], handshakeTimeout: PATIENCE },
    // Nothing is said after the handshake.
    (socket: TLSSocket) => socket.end(),
  );
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return listen(server, options);
}

async function listen(server: Server, { port, address }: ListenOptions): Promise<Responder> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, port)));
  server.listen({ port, exclusive: true, ...(address === undefined ? {} : { host: address }) }, resolve);
  await promise;
  return {
    means: 'listener',
    close: async () => {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function explain(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE') return new CannotAnswer('held', `port ${port} is held by another program`, error);
  if (error.code === 'EACCES')
    return new CannotAnswer('not permitted', `this user may not listen on port ${port}`, error);
  return error;
}

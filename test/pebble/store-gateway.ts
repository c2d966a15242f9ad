import { readFile } from 'node:fs/promises';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { join } from 'node:path';
import { createSecureContext, createServer as createTlsServer, type SecureContext, type Server } from 'node:tls';
import { issuerKey } from '../../src/doctor/issuance/dry-run/challenge-store.ts';
import { issueChallengeCertificate } from '../../src/tls/x509.ts';

interface TokenRecord {
  token: string;
  keyAuthorization: string;
}

export interface StoreGateway {
  stop: () => Promise<void>;
}

/**
 * Does with challenges what a running Pomerium with autocert was seen to do: looks into its store under its own authority's name, answers
 * http-01 with what stands there, else redirects; shows the challenge's certificate to `acme-tls/1`, else breaks off.
 */
export async function startStoreGateway(options: {
  store: string;
  authority: string;
  ports: { 'http-01': number; 'tls-alpn-01': number };
}): Promise<StoreGateway> {
  const tokens = join(options.store, 'acme', issuerKey(options.authority), 'challenge_tokens');
  const recordOf = async (host: string): Promise<TokenRecord | undefined> => {
    const text = await readFile(join(tokens, `${host}.json`), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as TokenRecord);
  };
  const redirect = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const record = await recordOf(host);
    if (record && request.url === `/.well-known/acme-challenge/${record.token}`) {
      response.end(record.keyAuthorization);
    } else {
      response.writeHead(301, { location: `https://${host}/` }).end();
    }
  };
  const http = createHttpServer((request, response) => void redirect(request, response));
  const tls = createTlsServer(
    {
      ALPNProtocols: ['acme-tls/1'],
      SNICallback: (host, answer) => {
        void contextFor(host, recordOf).then((context) => answer(null, context), answer);
      },
    },
    (socket) => socket.end(),
  );
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  await Promise.all([listen(http, options.ports['http-01']), listen(tls, options.ports['tls-alpn-01'])]);
  return { stop: async () => void (await Promise.all([close(http), close(tls)])) };
}

async function contextFor(
  host: string,
  recordOf: (host: string) => Promise<TokenRecord | undefined>,
): Promise<SecureContext | undefined> {
  const record = await recordOf(host);
  if (!record) return undefined;
  const { certPem, keyPem } = await issueChallengeCertificate(host, record.keyAuthorization);
  return createSecureContext({ cert: certPem, key: keyPem });
}

async function listen(server: HttpServer | Server, port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, '127.0.0.1', resolve);
  await promise;
}

async function close(server: HttpServer | Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if ('closeAllConnections' in server) server.closeAllConnections();
  server.close(() => resolve());
  await promise;
}

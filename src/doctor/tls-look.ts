import { X509Certificate } from 'node:crypto';
import { connect, getCACertificates } from 'node:tls';
import type { Resolve } from '../net/resolve.ts';

export interface TlsLook {
  host: string;
  port: number;
  /** Undefined: no TLS came about; `fault` says why. */
  certificate?: X509Certificate;
  /** Node's code for why the chain is not trusted; absent when it is. */
  distrust?: string;
  protocol?: string;
  alpn?: string;
  fault?: string;
}

const PATIENCE = 4_000;

/** What a host presents. It is looked at and never trusted. `ca`: PEM trusted beside the well-known roots. */
export function lookAtTls(
  { host, port }: { host: string; port: number },
  { resolve, ca }: { resolve: Resolve; ca?: string },
): Promise<TlsLook> {
  const { promise, resolve: settle } = Promise.withResolvers<TlsLook>();
  const target = resolve(host, port) ?? { host, port };
  const socket = connect({
    ...target,
    servername: host,
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: false,
    timeout: PATIENCE,
    ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
  });
  const fail = (fault: string): void => {
    socket.destroy();
    settle({ host, port, fault });
  };
  socket.once('secureConnect', () => {
    const { raw } = socket.getPeerCertificate();
    const { authorized, authorizationError: error, alpnProtocol } = socket;
    const protocol = socket.getProtocol() ?? '';
    socket.destroy();
    settle({
      host,
      port,
      ...(raw ? { certificate: new X509Certificate(raw) } : {}),
      ...(authorized ? {} : { distrust: codeOf(error) }),
      protocol,
      ...(alpnProtocol ? { alpn: alpnProtocol } : {}),
    });
  });
  socket.once('timeout', () => fail('no answer'));
  socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
  return promise;
}

/** Typed as an error, and a string at run time. */
function codeOf(error: unknown): string {
  return typeof error === 'string' ? error : ((error as NodeJS.ErrnoException | null)?.code ?? 'UNTRUSTED');
}

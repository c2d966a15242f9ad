import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';

/** The certificate that a port of this machine presents; undefined when it does not speak TLS. */
export function presentedCertificate(port: number, signal: AbortSignal): Promise<X509Certificate | undefined> {
  const { promise, resolve } = Promise.withResolvers<X509Certificate | undefined>();
  // It is looked at and never trusted.
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, timeout: 2_000 });
  const end = (found: X509Certificate | undefined): void => {
    socket.destroy();
    signal.removeEventListener('abort', onAbort);
    resolve(found);
  };
  const onAbort = (): void => end(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.once('secureConnect', () => {
    const { raw } = socket.getPeerCertificate();
    end(raw ? new X509Certificate(raw) : undefined);
  });
  socket.once('timeout', onAbort);
  socket.once('error', onAbort);
  return promise;
}

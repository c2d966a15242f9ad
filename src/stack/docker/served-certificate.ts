import { connect, type PeerCertificate } from 'node:tls';
import type { StackStatus } from '../engine.ts';

const TIMEOUT = 1_500;

export type ServedCertificate = NonNullable<StackStatus['certificate']>;

/** The certificate that is really served for a name; undefined when nobody answers. Whether it is to be trusted is not asked. */
export function readServedCertificate(
  address: { host: string; port: number },
  name: string,
): Promise<ServedCertificate | undefined> {
  const { promise, resolve } = Promise.withResolvers<ServedCertificate | undefined>();
  const socket = connect({ ...address, servername: name, rejectUnauthorized: false, timeout: TIMEOUT });
  const end = (answer: ServedCertificate | undefined): void => {
    socket.destroy();
    resolve(answer);
  };
  socket.once('secureConnect', () => end(describe(socket.getPeerCertificate())));
  socket.once('timeout', () => end(undefined));
  socket.once('error', () => end(undefined));
  return promise;
}

function describe({ issuer, subjectaltname = '', valid_to: until }: PeerCertificate): ServedCertificate {
  const names = subjectaltname.split(', ').flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4)] : []));
  return {
    issuer: [issuer.CN, issuer.O].flat().find((text) => text !== undefined && text !== '') ?? 'unknown',
    names,
    expiresAt: new Date(until).toISOString(),
  };
}

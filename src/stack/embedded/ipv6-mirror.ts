import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Relay {
  port: number;
  close(): Promise<void>;
}

interface Address {
  host: string;
  port: number;
}

/**
 * Hands connections to `[::1]:port` on to 127.0.0.1: `*.localhost` is both addresses, some clients try only the first, and no other
 * program shall answer there in our place. A machine without IPv6 goes without.
 */
export async function mirrorOnIPv6(port: number): Promise<Relay | undefined> {
  return relay({ host: '::1', port }, { host: '127.0.0.1', port });
}

/** Passes the bytes of each connection on to `target`; undefined when `from` cannot be listened on. */
export async function relay(from: Address, target: Address): Promise<Relay | undefined> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const onward = connect({ ...target, noDelay: true, allowHalfOpen: true });
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.once('error', () => one.destroy());
      one.once('close', () => sockets.delete(one));
    }
    socket.once('close', () => onward.destroy());
    onward.once('close', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen(from, () => resolve(true));
  if (!(await promise)) return undefined;
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';

/** Every connection that is open, and how each is ended once its work is done. */
export class OpenConnections {
  readonly #finishers = new Map<Duplex, () => void>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #busy = new Set<Duplex>();
  readonly #below = new Set<Duplex>();
  #finishing = false;

  /** `finish` ends the connection when the call that it carries, if any, has its answer. */
  add(socket: Duplex, finish: () => void): void {
    if (!this.#finishers.has(socket)) socket.once('close', () => this.#finishers.delete(socket));
    this.#finishers.set(socket, finish);
  }

  /** The bare connection below TLS. One whose handshake never ends is known by it alone. */
  addBelow(socket: Duplex): void {
    this.#below.add(socket);
    socket.once('close', () => this.#below.delete(socket));
  }

  /** The connection is node:http's from now on. */
  addOfNode(socket: Duplex): void {
    this.add(socket, () => {
      if (!this.#busy.has(socket)) socket.end();
    });
  }

  /** A request of node:http. */
  begin({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#busy.add(socket);
    response.once('close', () => {
      this.#busy.delete(socket);
      if (this.#finishing) socket.end();
    });
  }

  addSession(session: ServerHttp2Session): void {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
  }

  finish(): void {
    this.#finishing = true;
    for (const session of this.#sessions) session.close();
    for (const finish of this.#finishers.values()) finish();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#finishers.keys()) socket.destroy();
    for (const socket of this.#below) socket.destroy();
  }
}

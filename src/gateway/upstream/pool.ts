import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type SecureContext } from 'node:tls';
import type { Resolve } from '../../net/resolve.ts';
import { Connection, type ConnectionOwner, type Received } from './connection.ts';

export interface Origin {
  hostname: string;
  port: number;
  /** Undefined: plain TCP. */
  tls?: UpstreamTls;
}

export interface UpstreamTls {
  /** The name that the certificate has to bear. */
  servername: string;
  /** Whether the well-known roots are trusted too. */
  wellKnownRoots: boolean;
  /** PEM texts that are trusted. */
  ca: readonly string[];
  rejectUnauthorized: boolean;
  /** PEM: what the upstream is shown. */
  client?: { cert: string; key: string };
}

/** Makes what a connection trusts and shows, or finds it made. */
export type ContextOf = (tls: UpstreamTls) => SecureContext;

/** Envoy's connect timeout in Pomerium's clusters, milliseconds. */
const CONNECT_TIMEOUT = 10_000;
/** Idle life, milliseconds, when the upstream names none: under the 5 s after which Node servers close. */
const IDLE_LIFE = 4_000;
const MAX_IDLE_LIFE = 60_000;
const MAX_IDLE = 256;

/**
 * All plain connections read into one buffer: what arrives is used before the next read, and neither a buffer for each read nor one for
 * each idle event stream has to be had.
 */
const SHARED = Buffer.allocUnsafeSlow(65_536);

function sharedRead(received: Received) {
  return {
    buffer: SHARED,
    callback(size: number): boolean {
      received(SHARED.subarray(0, size));
      return true;
    },
  };
}

/** Keep-alive connections to one origin. The one used last is used first, so that the others can go. */
export class Pool implements ConnectionOwner {
  readonly #origin: Origin;
  readonly #resolve: Resolve;
  readonly #contextOf: ContextOf;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  #context: SecureContext | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(origin: Origin, resolve: Resolve, contextOf: ContextOf) {
    this.#origin = origin;
    this.#resolve = resolve;
    this.#contextOf = contextOf;
  }

  /** Requests that are under way. */
  get active(): number {
    return this.#all.size - this.#idle.length;
  }

  /** A connection that is free; `fresh` forbids one that was used before. */
  take(fresh = false): Connection {
    const now = performance.now();
    for (let connection = fresh ? undefined : this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.usable && connection.expiresAt > now) return connection;
      connection.abort();
    }
    return this.#open((received) => this.#connect(received));
  }

  /** A connection of its own whose socket can be read as a stream, for what is going to be an upgrade. */
  takeForUpgrade(): Connection {
    return this.#open(() => this.#connect(undefined));
  }

  #open(dial: (received: Received) => Socket): Connection {
    const connection = new Connection(dial, this);
    this.#all.add(connection);
    return connection;
  }

  released(connection: Connection, keepAliveSeconds: number | undefined): void {
    if (this.#closed || this.#idle.length >= MAX_IDLE) return connection.abort();
    const life = keepAliveSeconds === undefined ? IDLE_LIFE : Math.min(keepAliveSeconds * 1_000 - 1_000, MAX_IDLE_LIFE);
    if (life <= 0) return connection.abort();
    connection.expiresAt = performance.now() + life;
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(() => this.#dropExpired(), IDLE_LIFE).unref();
  }

  closed(connection: Connection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  }

  /** Lets running exchanges finish; idle connections go at once. */
  retire(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    for (const connection of this.#idle.splice(0)) connection.abort();
  }

  /** Ends everything. */
  destroy(): void {
    this.retire();
    for (const connection of this.#all) connection.abort();
  }

  #dropExpired(): void {
    this.#sweep = undefined;
    const now = performance.now();
    // The list is ordered by release, not by expiry: lives differ only with what upstreams announce.
    for (const connection of this.#idle.filter(({ expiresAt }) => expiresAt <= now)) connection.abort();
    if (this.#idle.length > 0) this.#sweep = setTimeout(() => this.#dropExpired(), IDLE_LIFE).unref();
  }

  #connect(received: Received | undefined): Socket {
    const { hostname, port, tls } = this.#origin;
    const where = this.#resolve(hostname, port) ?? { host: hostname, port };
    const socket = tls
      ? connectTls({
          host: where.host,
          port: where.port,
          // RFC 6066 §3: an address is no server name; it is still what the certificate is checked against.
          ...(isIP(tls.servername) === 0 ? { servername: tls.servername } : {}),
          secureContext: (this.#context ??= this.#contextOf(tls)),
          checkServerIdentity: (_, certificate) => checkServerIdentity(tls.servername, certificate),
          rejectUnauthorized: tls.rejectUnauthorized,
          ALPNProtocols: ['http/1.1'],
        })
      : connectTcp({ host: where.host, port: where.port, ...(received ? { onread: sharedRead(received) } : {}) });
    socket.setNoDelay(true);
    const timer = setTimeout(() => socket.destroy(new Error('connection timeout')), CONNECT_TIMEOUT);
    const stop = (): void => clearTimeout(timer);
    socket.once(tls ? 'secureConnect' : 'connect', stop).once('close', stop);
    return socket;
  }
}

import type { Socket } from 'node:net';
import { ResponseError } from './response-framing.ts';
import { ResponseParser, type ResponseNotes } from './response-parser.ts';

/** What the owner of a connection hears about its one exchange. After `end`, `upgraded` or `failed` nothing more comes. */
export interface UpstreamEvents {
  head(status: number, rawHeaders: string[], notes: ResponseNotes | undefined): void;
  /** The bytes are only lent: whoever keeps them beyond the `flush` that follows keeps a copy. */
  data(chunk: Buffer): void;
  /** All bytes that arrived together are handed over; what has to go out without delay may go now. */
  flush(): void;
  end(): void;
  upgraded(rawHeaders: string[], rest: Buffer, socket: Socket): void;
  failed(error: Error): void;
  /** The socket takes more of the request body. */
  drain(): void;
}

/** Up to this many bytes a request body is sent as text behind its head. */
const AS_TEXT = 16_384;

/** Where a connection goes when its exchange is over. */
export interface ConnectionOwner {
  released(connection: Connection, keepAliveSeconds: number | undefined): void;
  closed(connection: Connection): void;
}

/** Takes bytes that belong to it only until it returns. */
export type Received = (chunk: Buffer) => void;

/** One connection to an upstream; carries one exchange at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #parser = new ResponseParser();
  #events: UpstreamEvents | undefined;
  #bodyDone = true;
  /** Milliseconds on the monotonic clock after which an idle connection is not used again. */
  expiresAt = Number.POSITIVE_INFINITY;
  /** It has carried an exchange before, so that the upstream may have closed it meanwhile. */
  reused = false;

  /** `dial` makes the socket; it may call `received` itself, else the socket's events are listened to. */
  constructor(dial: (received: Received) => Socket, owner: ConnectionOwner) {
    const socket = dial((chunk) => this.#onData(chunk));
    this.#socket = socket;
    this.#owner = owner;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#events?.drain());
    socket.on('end', () => this.#onEnd());
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => {
      this.#fail(new Error('connection closed'));
      owner.closed(this);
    });
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && this.#events === undefined;
  }

  /** Sends a request head with the whole body; without `body` it follows by write() and finish(). */
  send(method: string, head: string, body: Buffer | undefined, events: UpstreamEvents): void {
    this.#events = events;
    this.#bodyDone = body !== undefined;
    this.#parser.expect(this.#parserEvents, method);
    if (body === undefined || body.length === 0) {
      this.#socket.write(head, 'latin1');
      return;
    }
    if (body.length <= AS_TEXT) {
      // One string, so one segment and one TLS record without a buffer to be had: measurably cheaper than cork and two writes.
      this.#socket.write(head + body.toString('latin1'), 'latin1');
      return;
    }
    const message = Buffer.allocUnsafe(head.length + body.length);
    message.write(head, 0, 'latin1');
    body.copy(message, head.length);
    this.#socket.write(message);
  }

  /** False: wait for `drain`. */
  write(chunk: Buffer | string): boolean {
    return this.#socket.write(chunk);
  }

  /** The request body is complete. */
  finish(last?: string): void {
    this.#bodyDone = true;
    if (last !== undefined) this.#socket.write(last);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Gives the exchange up; the upstream sees the connection close. */
  abort(): void {
    this.#events = undefined;
    this.#socket.destroy();
  }

  readonly #parserEvents = {
    head: (status: number, rawHeaders: string[], notes: ResponseNotes | undefined): void =>
      this.#events?.head(status, rawHeaders, notes),
    data: (chunk: Buffer): void => this.#events?.data(chunk),
    end: (reusable: boolean, keepAliveSeconds: number | undefined): void =>
      this.#finishExchange(reusable, keepAliveSeconds),
    upgraded: (rawHeaders: string[], rest: Buffer): void => {
      const events = this.#events;
      this.#events = undefined;
      this.#socket.removeAllListeners('data').removeAllListeners('end').removeAllListeners('drain');
      events?.upgraded(rawHeaders, rest, this.#socket);
    },
  };

  #onData(chunk: Buffer): void {
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#fail(error instanceof ResponseError ? error : new ResponseError(String(error), { cause: error }));
      return;
    }
    this.#events?.flush();
  }

  #onEnd(): void {
    if (!this.#parser.finish()) this.#fail(new Error('connection ended in the middle of a response'));
    this.#socket.destroy();
  }

  #finishExchange(reusable: boolean, keepAliveSeconds: number | undefined): void {
    const events = this.#events;
    this.#events = undefined;
    this.reused = true;
    // Owed body bytes would be read as the next request.
    if (reusable && this.#bodyDone && !this.#socket.destroyed) {
      this.#socket.resume();
      this.#owner.released(this, keepAliveSeconds);
    } else {
      this.#socket.destroy();
    }
    events?.end();
  }

  #fail(error: Error): void {
    const events = this.#events;
    this.#events = undefined;
    this.#socket.destroy();
    events?.failed(error);
  }
}

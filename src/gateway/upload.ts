import type { ClientBody } from './client/client.ts';
import type { Connection } from './upstream/connection.ts';

/** The rest of a request body on its way to the upstream, no faster than that takes it. */
export class Upload {
  readonly #body: ClientBody;
  readonly #connection: Connection;
  readonly #chunked: boolean;
  readonly #onActivity: () => void;

  /** `chunked`: the length is not known beforehand (RFC 9112 §7.1). */
  constructor(body: ClientBody, connection: Connection, chunked: boolean, onActivity: () => void) {
    this.#body = body;
    this.#connection = connection;
    this.#chunked = chunked;
    this.#onActivity = onActivity;
  }

  start(first: Buffer): void {
    if (first.length > 0) this.#onData(first);
    this.#body.read(this.#onData, this.#onEnd);
    this.#body.resume();
  }

  /** The upstream takes more. */
  drain(): void {
    this.#body.resume();
  }

  /** The exchange is over; what the client still sends is read and dropped, so that its connection can go on. */
  stop(): void {
    this.#body.discard();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#onActivity();
    if (this.#chunked) this.#connection.write(`${chunk.length.toString(16)}\r\n`);
    let room = this.#connection.write(chunk);
    if (this.#chunked) room = this.#connection.write('\r\n');
    if (!room) this.#body.pause();
  };

  readonly #onEnd = (): void => this.#connection.finish(this.#chunked ? '0\r\n\r\n' : undefined);
}

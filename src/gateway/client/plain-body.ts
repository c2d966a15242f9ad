import type { Socket } from 'node:net';
import type { ClientBody } from './client.ts';

export const EMPTY: Buffer = Buffer.alloc(0);

/** A request body of known length, cut from the bytes of its connection. */
export class PlainBody implements ClientBody {
  readonly #socket: Socket;
  #remaining: number;
  /** What came before anybody read. */
  #early: Buffer[] = [];
  #onData: ((chunk: Buffer) => void) | undefined;
  #onEnd: (() => void) | undefined;
  #onGone: (() => void) | undefined;
  #paused = false;

  constructor(socket: Socket, length: number) {
    this.#socket = socket;
    this.#remaining = length;
  }

  /** Every byte has come. */
  get whole(): boolean {
    return this.#remaining === 0;
  }

  /** Takes the body's part of the bytes and returns what follows it. */
  take(bytes: Buffer): Buffer {
    if (this.#remaining === 0 || bytes.length === 0) return bytes;
    const part = bytes.length <= this.#remaining ? bytes : bytes.subarray(0, this.#remaining);
    this.#remaining -= part.length;
    if (this.#onData && !this.#paused) this.#deliver(part);
    else {
      this.#early.push(part);
      if (this.#remaining > 0) this.#socket.pause();
    }
    return part.length === bytes.length ? EMPTY : bytes.subarray(part.length);
  }

  read(onData: (chunk: Buffer) => void, onEnd: () => void): void {
    this.#onData = onData;
    this.#onEnd = onEnd;
    this.#drainEarly();
    if (!this.#paused && this.#socket.isPaused()) this.#socket.resume();
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#onData) this.#drainEarly();
    if (!this.#paused) this.#socket.resume();
  }

  discard(whole?: () => void): void {
    this.#early = [];
    if (this.#remaining === 0) {
      this.#onData = undefined;
      this.#onEnd = undefined;
      whole?.();
      return;
    }
    this.#onData = () => undefined;
    this.#onEnd = whole;
    this.resume();
  }

  onGone(listener: () => void): void {
    this.#onGone = listener;
  }

  /** The connection is gone. */
  closed(): void {
    if (this.#remaining > 0) this.#onGone?.();
  }

  #drainEarly(): void {
    const early = this.#early;
    if (early.length === 0) {
      if (this.#remaining === 0) this.#finish();
      return;
    }
    this.#early = [];
    while (early.length > 0 && !this.#paused) {
      const part = early.shift();
      if (part) this.#onData?.(part);
    }
    if (early.length > 0) this.#early = early;
    else if (this.#remaining === 0) this.#finish();
  }

  #deliver(part: Buffer): void {
    this.#onData?.(part);
    if (this.#remaining === 0 && !this.#paused) this.#finish();
  }

  #finish(): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.();
  }
}

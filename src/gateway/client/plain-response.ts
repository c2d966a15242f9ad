import type { Socket } from 'node:net';
import { STATUS_CODES } from '../node-http.ts';
import type { ClientResponse } from './client.ts';

/** Up to this many bytes a body is sent as text behind its head: one write, and so one TLS record, without a copy of both. */
const AS_TEXT = 16_384;

/** An answer over HTTP/1.1, written to its socket. */
export class PlainResponse implements ClientResponse {
  readonly #socket: Socket;
  readonly #toHead: boolean;
  readonly #onAnswered: (closes: boolean) => void;
  #head = '';
  #headSent = false;
  #chunked = false;
  #closes = false;
  #over = false;
  #close: (() => void) | undefined;
  #drain: (() => void) | undefined;

  constructor(socket: Socket, toHead: boolean, onAnswered: (closes: boolean) => void) {
    this.#socket = socket;
    this.#toHead = toHead;
    this.#onAnswered = onAnswered;
  }

  head(status: number, headers: string[]): void {
    const { text, hasLength } = headLines(status, headers);
    const bodiless = this.#toHead || status === 204 || status === 304 || status < 200;
    this.#chunked = !hasLength && !bodiless;
    this.#take(this.#chunked ? `${text}transfer-encoding: chunked\r\n` : text);
  }

  headText(text: string): void {
    this.#chunked = false;
    this.#take(text);
  }

  #take(text: string): void {
    this.#head = this.#closes ? `${text}connection: close\r\n\r\n` : `${text}\r\n`;
  }

  flushHead(): void {
    if (this.#headSent || this.#over) return;
    this.#headSent = true;
    this.#socket.write(this.#head, 'latin1');
  }

  write(chunk: Buffer): boolean {
    if (this.#over || chunk.length === 0) return true;
    const socket = this.#socket;
    socket.cork();
    this.flushHead();
    if (this.#chunked) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    let room = socket.write(Buffer.from(chunk));
    if (this.#chunked) room = socket.write('\r\n', 'latin1');
    socket.uncork();
    return room;
  }

  end(body?: Buffer): void {
    if (this.#over) return;
    if (body !== undefined && body.length > 0 && !this.#headSent && !this.#chunked && body.length <= AS_TEXT) {
      this.#headSent = true;
      this.#socket.write(this.#head + body.toString('latin1'), 'latin1');
    } else {
      if (body !== undefined) this.write(body);
      this.flushHead();
      if (this.#chunked) this.#socket.write('0\r\n\r\n', 'latin1');
    }
    this.#over = true;
    this.#onAnswered(this.#closes);
  }

  breakOff(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  closeAfter(): void {
    this.#closes = true;
  }

  onClose(listener: () => void): void {
    this.#close = listener;
  }

  onDrain(listener: () => void): void {
    this.#drain = listener;
  }

  /** The socket takes more. */
  drained(): void {
    const listener = this.#drain;
    this.#drain = undefined;
    listener?.();
  }

  /** The socket is gone. */
  closed(): void {
    this.#over = true;
    this.#close?.();
  }
}

/** The status line and the header lines, each with its CRLF. */
export function headLines(status: number, headers: readonly string[]): { text: string; hasLength: boolean } {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
  let hasLength = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    text += `${name}: ${headers[i + 1] ?? ''}\r\n`;
    if (name.length === 14 && name.toLowerCase() === 'content-length') hasLength = true;
  }
  return { text, hasLength };
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Inbound } from '../inbound.ts';
import type { OwnLines } from '../request-head.ts';

/**
 * What was worked out from a request head alone. Requests of a connection that differ in nothing but their Content-Length share it; it
 * lasts no longer than the connection.
 */
export interface HeadNotes {
  inbound?: Inbound;
  ownLines?: OwnLines;
}

/** A request as it came from the wire, whoever parsed it. */
export interface ClientRequest {
  method: string;
  /** The request target as sent. */
  target: string;
  /** Names and values in turn, in the client's spelling. */
  rawHeaders: readonly string[];
  /** The same by name; worked out when asked for. */
  headers(): IncomingHttpHeaders;
  http2: boolean;
  /** `:authority` of HTTP/2. */
  authority: string | undefined;
  /** HTTP/2 said that no body follows. */
  ended: boolean;
  remoteAddress: string;
  body: ClientBody;
  /** For a head that may come again. */
  notes: HeadNotes | undefined;
  /** With notes: the value of this request's Content-Length. */
  contentLength: number;
}

/** The body of a request. It flows from the first `read` on, unless paused. */
export interface ClientBody {
  /** Replaces the readers of before. After `end` nothing more comes. */
  read(onData: (chunk: Buffer) => void, onEnd: () => void): void;
  pause(): void;
  resume(): void;
  /** Whatever still comes is dropped. */
  discard(): void;
  /** Called when the client goes before its body is whole. */
  onGone(listener: () => void): void;
}

/** The answer to a request: a head, then bytes, then the end. */
export interface ClientResponse {
  /** Names and values in turn, fit for the wire, the date among them; of framing no more than a Content-Length. */
  head(status: number, headers: string[]): void;
  /** The same as lines of HTTP/1.1, a Content-Length among them; for those that write to a connection themselves. */
  headText?(text: string): void;
  /** Sends the head before there is any body. */
  flushHead(): void;
  /** The bytes are the caller's again on return. False: wait for `onDrain`. */
  write(chunk: Buffer): boolean;
  /** The same holds for these bytes. */
  end(body?: Buffer): void;
  /** Ends the connection or stream so that the client sees that the answer is not whole. */
  breakOff(): void;
  /** The connection ends with this answer. To be said before the head. */
  closeAfter(): void;
  /** Called once, when the client has gone or the answer is out. */
  onClose(listener: () => void): void;
  /** Called once, when more can be written. */
  onDrain(listener: () => void): void;
}

/** Takes a request from the wire to its answer. */
export type Handle = (request: ClientRequest, response: ClientResponse) => void;

/** An IPv4 client of a socket that listens on both protocols is written as IPv4. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}

import type { Socket } from 'node:net';
import { HeadMemory, lengthIndex, withLength } from '../head-memory.ts';
import { plainAddress, type ClientRequest, type Handle, type HeadNotes } from './client.ts';
import { readDirectly } from './direct-read.ts';
import { EMPTY, PlainBody } from './plain-body.ts';
import { parsePlainHead, type PlainHead } from './plain-head.ts';
import { PlainResponse } from './plain-response.ts';

/** Milliseconds a connection may rest between two requests: Envoy's idle timeout by Pomerium. */
const IDLE = 300_000;

/** A head and what is known about all that are like it. */
type NotedHead = PlainHead & { notes: HeadNotes };

interface KnownHead {
  head: NotedHead;
  /** Where the value of Content-Length stands in the list. */
  lengthAt: number;
}

const HEAD_END = '\r\n\r\n';

/**
 * An HTTP/1.1 connection whose requests are of the everyday kind: one Content-Length or no body, nothing that needs an interim answer,
 * heads that arrive in one piece. That is what an MCP client sends, call after call, and here it costs half of what node:http takes.
 * At the first request that is anything else the connection is handed to node:http, with every byte that was not used.
 */
export class PlainConnection {
  readonly #socket: Socket;
  readonly #handle: Handle;
  readonly #handOver: () => void;
  readonly #address: string;
  readonly #memory = new HeadMemory<KnownHead>();
  #pending: Buffer = EMPTY;
  #body: PlainBody | undefined;
  #response: PlainResponse | undefined;
  #stopDirectRead: (() => void) | undefined;

  constructor(socket: Socket, handle: Handle, handOver: () => void) {
    this.#socket = socket;
    this.#handle = handle;
    this.#handOver = handOver;
    this.#address = plainAddress(socket.remoteAddress);
  }

  /** From here on the connection is served. */
  serve(): void {
    const socket = this.#socket;
    socket.setTimeout(IDLE);
    this.#stopDirectRead = readDirectly(socket, this.#onData);
    socket.on('data', this.#onData).on('drain', this.#onDrain).on('timeout', this.#onTimeout);
    socket.on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onError);
  }

  readonly #onData = (chunk: Buffer): void => {
    const rest = this.#body ? this.#body.take(chunk) : chunk;
    if (rest.length === 0) return;
    if (this.#response) {
      // A pipelined request (RFC 9112 §9.3.2) waits for the answer to the one before.
      this.#pending = this.#pending.length === 0 ? rest : Buffer.concat([this.#pending, rest]);
      this.#socket.pause();
      return;
    }
    this.#begin(rest);
  };

  #begin(bytes: Buffer): void {
    const recalled = this.#memory.recall(bytes);
    if (recalled) {
      const { value, contentLength, size } = recalled;
      const rawHeaders = withLength(value.head.rawHeaders, value.lengthAt, contentLength);
      this.#take({ ...value.head, contentLength, rawHeaders }, bytes.subarray(size));
      return;
    }
    const end = bytes.indexOf(HEAD_END);
    const text = bytes.toString('latin1', 0, Math.max(end, 0));
    const parsed = end === -1 ? undefined : parsePlainHead(text);
    if (!parsed) {
      this.#leave(bytes);
      return;
    }
    const head = { ...parsed, notes: {} };
    if (parsed.contentLength > 0) this.#memory.keep(bytes, text, { head, lengthAt: lengthIndex(parsed.rawHeaders) });
    this.#take(head, bytes.subarray(end + HEAD_END.length));
  }

  /** `bytes`: what came behind the head. */
  #take(head: NotedHead, bytes: Buffer): void {
    const body = new PlainBody(this.#socket, head.contentLength);
    const response = new PlainResponse(this.#socket, head.method === 'HEAD', this.#onAnswered);
    this.#body = body;
    this.#response = response;
    const rest = body.take(bytes);
    if (rest.length > 0) this.#pending = rest;
    this.#handle(this.#requestOf(head, body), response);
  }

  #requestOf(head: NotedHead, body: PlainBody): ClientRequest {
    const { method, target, rawHeaders, notes, contentLength } = head;
    return {
      method,
      target,
      rawHeaders,
      headers: () => headersByName(rawHeaders),
      http2: false,
      authority: undefined,
      ended: false,
      remoteAddress: this.#address,
      body,
      notes,
      contentLength,
    };
  }

  /** Ends the connection, after the answer that is owed. */
  finish(): void {
    if (this.#response) this.#response.closeAfter();
    else this.#socket.end();
  }

  /** The answer is out. Once the request's body is too, the next request may begin. */
  readonly #onAnswered = (closes: boolean): void => {
    if (closes) {
      this.#socket.end();
      return;
    }
    if (this.#body && !this.#body.whole) {
      this.#body.discard(() => this.#next());
      return;
    }
    this.#next();
  };

  #next(): void {
    this.#body = undefined;
    this.#response = undefined;
    if (this.#pending.length > 0) {
      const bytes = this.#pending;
      this.#pending = EMPTY;
      // On a fresh stack: a client that pipelines must not deepen this one.
      setImmediate(() => {
        if (!this.#socket.destroyed) this.#begin(bytes);
      });
    }
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Gives the connection, and the bytes that begin a request, to node:http. */
  #leave(bytes: Buffer): void {
    const socket = this.#socket;
    this.#stopDirectRead?.();
    socket.pause();
    socket.setTimeout(0);
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('timeout', this.#onTimeout);
    socket.off('end', this.#onEnd).off('close', this.#onClose).off('error', this.#onError);
    socket.unshift(bytes);
    this.#handOver();
    socket.resume();
  }

  readonly #onDrain = (): void => this.#response?.drained();
  readonly #onTimeout = (): void => {
    // Between requests, or in the middle of a body that has stopped. A silent answer is the route's affair.
    if (!this.#response || (this.#body && !this.#body.whole)) this.#socket.destroy();
  };
  readonly #onEnd = (): void => {
    // One between requests is done. One that waits for an answer has gone: Envoy keeps no half-closed connection either (enable_half_close), and a
    // silent stream would never hear of it.
    if (!this.#response) this.#socket.end();
    else this.#socket.destroy();
  };
  readonly #onClose = (): void => {
    this.#body?.closed();
    this.#response?.closed();
  };
  readonly #onError = (): void => {
    this.#socket.destroy();
  };
}

/** As node:http has it for what the gateway asks: repeated lines are joined, as RFC 9110 §5.3 allows. */
function headersByName(rawHeaders: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    const known = found[name];
    found[name] = known === undefined ? value : `${known}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return found;
}

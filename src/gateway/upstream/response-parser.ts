import type { HeadTemplate } from '../head-template.ts';
import { HeadMemory, lengthIndex, withLength } from '../head-memory.ts';
import { readFraming, ResponseError, type Framing } from './response-framing.ts';

/** What a parser tells about one response. `head` comes once, interim (1xx) responses are dropped. */
export interface ResponseEvents {
  /** `notes`: shared by the answers of this connection whose heads differ in nothing but the Content-Length. */
  head(status: number, rawHeaders: string[], notes: ResponseNotes | undefined): void;
  data(chunk: Buffer): void;
  /** `reusable`: the connection may carry another request. */
  end(reusable: boolean, keepAliveSeconds: number | undefined): void;
  /** Response to an upgrade; the rest of the connection is no longer HTTP. */
  upgraded(rawHeaders: string[], rest: Buffer): void;
}

/** What others work out from a head alone. */
export interface ResponseNotes {
  /** Where the value of Content-Length stands in the list of headers. */
  lengthAt: number;
  template?: HeadTemplate;
}

interface ParsedHead {
  status: number;
  http10: boolean;
  headers: string[];
}

interface KnownHead extends ParsedHead {
  framing: Framing;
  notes: ResponseNotes;
}

const MAX_HEAD = 64 * 1024;
const MAX_CHUNK_LINE = 4 * 1024;
const PROTOCOL = 'HTTP/1.';
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// eslint-disable-next-line no-control-regex -- RFC 9110 §5.5: what a field value must not hold.
const BAD_VALUE = /[\0-\x08\x0a-\x1f\x7f]/;
const EMPTY = Buffer.alloc(0);

type State = 'idle' | 'head' | 'fixed' | 'chunk-line' | 'chunk-data' | 'chunk-end' | 'trailers' | 'close';

/** An incremental parser of HTTP/1.1 responses (RFC 9112), strict where laxness would let two parties see different messages. */
export class ResponseParser {
  #state: State = 'idle';
  #pending: Buffer = EMPTY;
  #remaining = 0;
  #reusable = true;
  #keepAlive: number | undefined;
  #events: ResponseEvents | undefined;
  #headOnly = false;
  readonly #memory = new HeadMemory<KnownHead>();

  /** Readies the parser for the answer to a request. */
  expect(events: ResponseEvents, method: string): void {
    this.#events = events;
    this.#headOnly = method === 'HEAD';
    this.#state = 'head';
    this.#reusable = true;
    this.#keepAlive = undefined;
  }

  get busy(): boolean {
    return this.#state !== 'idle';
  }

  /** Feeds bytes, which are the caller's again on return. Throws ResponseError. */
  push(chunk: Buffer): void {
    let rest = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    this.#pending = EMPTY;
    while (rest.length > 0) {
      const next = this.#step(rest);
      if (next === undefined) {
        this.#pending = Buffer.from(rest);
        return;
      }
      rest = next;
    }
  }

  /** The connection ended. True: that was the end of the response. */
  finish(): boolean {
    if (this.#state === 'idle') return true;
    if (this.#state !== 'close') return false;
    this.#done(false);
    return true;
  }

  /** Consumes a part and returns what is left; undefined: more bytes are needed. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'idle':
        throw new ResponseError('bytes after the end of the response');
      case 'head':
        return this.#head(bytes);
      case 'close':
        this.#events?.data(bytes);
        return EMPTY;
      case 'fixed':
      case 'chunk-data':
        return this.#body(bytes);
      default:
        return this.#line(bytes);
    }
  }

  #head(bytes: Buffer): Buffer | undefined {
    const recalled = this.#memory.recall(bytes);
    if (recalled) {
      const { headers, notes, framing } = recalled.value;
      const length = recalled.contentLength;
      this.#begin({ ...recalled.value, headers: withLength(headers, notes.lengthAt, length) }, { ...framing, length });
      return bytes.subarray(recalled.size);
    }
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1 || end > MAX_HEAD) {
      // Another protocol may never send what would end a head.
      const start = bytes.toString('latin1', 0, PROTOCOL.length);
      if (!PROTOCOL.startsWith(start)) throw new ResponseError('no HTTP/1 status line');
      if (bytes.length > MAX_HEAD) throw new ResponseError('response head is too large');
      return undefined;
    }
    const rest = bytes.subarray(end + 4);
    const text = bytes.toString('latin1', 0, end);
    const { status, http10, headers } = parseHead(text);
    if (status === 101) {
      this.#state = 'idle';
      this.#events?.upgraded(headers, Buffer.from(rest));
      return EMPTY;
    }
    if (status < 200) return rest;
    const framing = readFraming(headers);
    const known = { status, http10, headers, framing, notes: { lengthAt: lengthIndex(headers) } };
    if (framing.length !== undefined && framing.length > 0) this.#memory.keep(bytes, text, known);
    this.#begin(known, framing);
    return rest;
  }

  /** RFC 9112 §6.3: how long the body is. */
  #begin({ status, http10, headers, notes }: KnownHead, framing: Framing): void {
    this.#keepAlive = framing.keepAlive;
    this.#reusable = http10 ? framing.saysKeepAlive : !framing.saysClose;
    const empty = this.#headOnly || status === 204 || status === 304;
    this.#events?.head(status, headers, framing.length === undefined ? undefined : notes);
    if (empty || (!framing.chunked && framing.length === 0)) return this.#done(this.#reusable);
    if (framing.chunked) this.#state = 'chunk-line';
    else if (framing.length === undefined) this.#state = 'close';
    else {
      this.#state = 'fixed';
      this.#remaining = framing.length;
    }
  }

  #body(bytes: Buffer): Buffer {
    const take = Math.min(this.#remaining, bytes.length);
    this.#remaining -= take;
    this.#events?.data(take === bytes.length ? bytes : bytes.subarray(0, take));
    if (this.#remaining === 0) {
      if (this.#state === 'fixed') this.#done(this.#reusable);
      else this.#state = 'chunk-end';
    }
    return bytes.subarray(take);
  }

  #line(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n');
    if (end === -1) {
      if (bytes.length > MAX_CHUNK_LINE) throw new ResponseError('chunk line is too long');
      return undefined;
    }
    const rest = bytes.subarray(end + 2);
    if (this.#state === 'trailers') {
      if (end === 0) this.#done(this.#reusable);
      return rest;
    }
    if (this.#state === 'chunk-end') {
      if (end !== 0) throw new ResponseError('chunk is longer than it says');
      this.#state = 'chunk-line';
      return rest;
    }
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(bytes.toString('latin1', 0, end))?.[1];
    if (size === undefined) throw new ResponseError('chunk size is no number');
    this.#remaining = Number.parseInt(size, 16);
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
    return rest;
  }

  #done(reusable: boolean): void {
    const events = this.#events;
    this.#state = 'idle';
    this.#events = undefined;
    events?.end(reusable, this.#keepAlive);
  }
}

function parseHead(text: string): ParsedHead {
  const lines = text.split('\r\n');
  const match = STATUS_LINE.exec(lines[0] ?? '');
  // RFC 9110 §15: a status beyond 599 is none.
  if (!match || Number(match[2]) > 599) throw new ResponseError('no HTTP/1 status line');
  const headers: string[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (colon < 1 || !HEADER_NAME.test(name) || BAD_VALUE.test(value)) throw new ResponseError('malformed header line');
    headers.push(name, value);
  }
  return { status: Number(match[2]), http10: match[1] === '0', headers };
}

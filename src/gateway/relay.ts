import { completeHead, HeadTemplate, type HeadValues } from './head-template.ts';
import type { Passage } from './passage.ts';
import { httpDate } from './respond.ts';
import { EMPTY } from './request-body.ts';
import type { OpenStream } from './state.ts';
import { translateHead } from './response-rules.ts';
import type { ResponseNotes } from './upstream/response-parser.ts';

/** Answers of known length up to this many bytes wait for their last byte, to go out in one piece. */
const ONE_PIECE = 65_536;

/** Where an answer comes from, as far as it can be held back. */
export interface Source {
  pause(): void;
  resume(): void;
}

/** The answer of an upstream on its way to the client. Bytes pass through; only a short answer is gathered. */
export class Relay implements OpenStream {
  readonly #passage: Passage;
  #begun = false;
  /** The head as a list; as text when the upstream's was the same before. */
  #headers: string[] = [];
  #ready: string | undefined;
  /** Of the body, in bytes; undefined: not announced. */
  #contentLength: number | undefined;
  #eventStream = false;
  /** What has come of a short answer; undefined once it streams. */
  #gathered: Buffer[] | undefined;
  /** How many of them are copies. */
  #kept = 0;
  #written = false;
  status = 0;
  /** Bytes of the body so far. */
  size = 0;

  constructor(passage: Passage) {
    this.#passage = passage;
  }

  /** The upstream has begun to answer. */
  get begun(): boolean {
    return this.#begun;
  }

  /** The client has been told. */
  get written(): boolean {
    return this.#written;
  }

  head(status: number, rawHeaders: string[], notes: ResponseNotes | undefined): void {
    const { gateway, inbound, plan, response } = this.#passage;
    this.status = status;
    const values = {
      contentLength: notes ? (rawHeaders[notes.lengthAt] ?? '') : '',
      serviceTime: String(Math.round(performance.now() - inbound.startedAt)),
      date: httpDate(),
      requestId: inbound.requestId,
    };
    if (notes && response.headText && notes.template?.rules === plan.response) {
      this.#ready = notes.template.textWith(values);
      this.#contentLength = Number(values.contentLength);
    } else this.#translate(rawHeaders, values, notes);
    this.#begun = true;
    const short = !this.#eventStream && (this.#contentLength ?? 0) <= ONE_PIECE;
    if (short && !gateway.faults.droppedStream) this.#gathered = [];
  }

  #translate(rawHeaders: string[], values: HeadValues, notes: ResponseNotes | undefined): void {
    const rules = this.#passage.plan.response;
    const translated = translateHead(rawHeaders, rules);
    this.#contentLength = translated.contentLength;
    this.#eventStream = translated.eventStream;
    // Event streams are long, and their heads seldom; a length that a route sets itself is not the upstream's.
    if (notes && !translated.eventStream && translated.contentLength !== undefined)
      notes.template = new HeadTemplate(this.status, translated, rules);
    this.#headers = completeHead(translated, rules, values);
  }

  data(chunk: Buffer, source: Source): void {
    this.size += chunk.length;
    if (this.#gathered) this.#gathered.push(chunk);
    else this.#write(chunk, source);
  }

  /** The bytes that arrived together are through. What is still gathered then goes out: it must not wait for more. */
  flush(source: Source): void {
    if (!this.#begun) return;
    const gathered = this.#gathered;
    if (gathered) {
      if (this.#contentLength !== undefined && this.size > 0) {
        this.#keepGathered(gathered);
        return;
      }
      this.#gathered = undefined;
      for (const chunk of gathered) this.#write(chunk, source);
    }
    if (!this.#written) this.#writeHead();
    if (this.size === 0) this.#passage.response.flushHead();
  }

  end(): void {
    const { gateway, response } = this.#passage;
    const gathered = this.#gathered;
    if (gathered) {
      this.#sendWhole(gathered.length === 1 ? (gathered[0] ?? EMPTY) : Buffer.concat(gathered));
      return;
    }
    if (!this.#written) this.#writeHead();
    // With the fault on, a written chunk has already ordered the end of the connection.
    if (!gateway.faults.droppedStream || this.size === 0) response.end();
    this.release();
  }

  /** The answer will not be whole, and the client is to see it. */
  breakOff(): void {
    this.release();
    this.#passage.response.breakOff();
  }

  /** The stream, if it was one, is open no longer. */
  release(): void {
    this.#passage.gateway.streams.delete(this);
  }

  get listens(): boolean {
    return this.#passage.inbound.method === 'GET';
  }

  /** The bytes were lent for this turn only. */
  #keepGathered(gathered: Buffer[]): void {
    for (; this.#kept < gathered.length; this.#kept++) {
      gathered[this.#kept] = Buffer.from(gathered[this.#kept] ?? EMPTY);
    }
  }

  #sendWhole(body: Buffer): void {
    const { inbound, response } = this.#passage;
    const hasBody = inbound.method !== 'HEAD' && this.status !== 204 && this.status !== 304;
    if (this.#contentLength === undefined && hasBody) this.#headers.push('content-length', String(body.length));
    this.#writeHead();
    response.end(hasBody ? body : undefined);
  }

  #writeHead(): void {
    const { gateway, response } = this.#passage;
    this.#written = true;
    if (this.#eventStream) gateway.streams.add(this);
    if (this.#ready !== undefined && response.headText) response.headText(this.#ready);
    else response.head(this.status, this.#headers);
  }

  #write(chunk: Buffer, source: Source): void {
    const { gateway, response } = this.#passage;
    if (!this.#written) this.#writeHead();
    if (gateway.faults.droppedStream) {
      response.write(chunk.subarray(0, Math.ceil(chunk.length / 2)));
      setImmediate(() => this.breakOff());
      return;
    }
    if (response.write(chunk)) return;
    source.pause();
    response.onDrain(() => source.resume());
  }
}

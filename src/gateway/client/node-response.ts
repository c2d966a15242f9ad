import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse } from 'node:http2';
import type { ClientResponse } from './client.ts';

/** Answers through node:http. */
export class Http1Response implements ClientResponse {
  readonly #response: ServerResponse;
  #closes = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  head(status: number, headers: string[]): void {
    const response = this.#response;
    response.sendDate = false;
    if (response.shouldKeepAlive && !this.#closes) {
      // As Envoy, which says nothing where HTTP/1.1 persists by itself; Node would add two lines.
      response.removeHeader('connection');
    } else headers.push('connection', 'close');
    response.writeHead(status, headers);
  }

  flushHead(): void {
    this.#response.flushHeaders();
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(Buffer.from(chunk));
  }

  end(body?: Buffer): void {
    if (body === undefined || body.length === 0) this.#response.end();
    else this.#response.end(Buffer.from(body));
  }

  breakOff(): void {
    this.#response.destroy();
  }

  closeAfter(): void {
    this.#closes = true;
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  onDrain(listener: () => void): void {
    this.#response.once('drain', listener);
  }
}

/** Answers through node:http2; there the connection outlives every answer. */
export class Http2Response implements ClientResponse {
  readonly #response: Http2ServerResponse;

  constructor(response: Http2ServerResponse) {
    this.#response = response;
  }

  head(status: number, headers: string[]): void {
    this.#response.sendDate = false;
    this.#response.writeHead(status, byName(headers));
  }

  flushHead(): void {
    // node:http2 sends the head at once, as a frame of its own.
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(Buffer.from(chunk));
  }

  end(body?: Buffer): void {
    if (body === undefined || body.length === 0) this.#response.end();
    else this.#response.end(Buffer.from(body));
  }

  breakOff(): void {
    this.#response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  closeAfter(): void {
    // RFC 9113 §8.2.2: a stream says nothing about its connection.
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  onDrain(listener: () => void): void {
    this.#response.once('drain', listener);
  }
}

/** RFC 9113 §8.2: lower case. Values of equal names are joined, but for Set-Cookie (RFC 6265 §3). */
function byName(headers: readonly string[]): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase();
    const value = headers[i + 1] ?? '';
    const known = found[name];
    if (known === undefined) found[name] = value;
    else if (name === 'set-cookie') found[name] = [...(Array.isArray(known) ? known : [known]), value];
    else found[name] = `${String(known)}, ${value}`;
  }
  return found;
}

/** After so many new heads in a row only every sixteenth is remembered: such a connection seldom repeats itself. */
const PATIENCE = 8;
const LENGTH_LINE = /\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?=\r\n|$)/gi;
const ZERO = 0x30;
const MAX_DIGITS = 9;
/** Bytes of the CRLF that ends the last line and of the one that ends the head. */
const EMPTY_LINE = 4;

/** What a head said that was seen before: the same to the byte, but for the value of its Content-Length. */
export interface Recalled<T> {
  value: T;
  contentLength: number;
  /** Bytes of the head with its empty line. */
  size: number;
}

/**
 * The last head of a connection and what was worked out from it. A client sends the same head with every call, and a server with every
 * answer, but for the length: comparing bytes costs a tenth of parsing them, and the same bytes mean the same.
 */
export class HeadMemory<T> {
  #before: Buffer | undefined;
  /** With the empty line. */
  #after: Buffer | undefined;
  #value: T | undefined;
  #misses = 0;

  recall(bytes: Buffer): Recalled<T> | undefined {
    const [before, after, value] = [this.#before, this.#after, this.#value];
    if (before === undefined || after === undefined || value === undefined) return undefined;
    let at = before.length;
    if (bytes.length <= at || bytes.compare(before, 0, at, 0, at) !== 0) return undefined;
    let contentLength = 0;
    for (; at < before.length + MAX_DIGITS; at++) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9 || (digit === 0 && contentLength === 0)) break;
      contentLength = contentLength * 10 + digit;
    }
    const size = at + after.length;
    if (contentLength === 0 || bytes.length < size || bytes.compare(after, 0, after.length, at, size) !== 0)
      return undefined;
    this.#misses = 0;
    return { value, contentLength, size };
  }

  /** Remembers a head that was understood, in place of the one before. `text`: the same without the empty line, as Latin-1. */
  keep(bytes: Buffer, text: string, value: T): void {
    if (++this.#misses > PATIENCE && this.#misses % 16 !== 0) return;
    const found = [...text.matchAll(LENGTH_LINE)];
    const [line, digits] = found[0] ?? [];
    if (found.length !== 1 || line === undefined || digits === undefined || digits.startsWith('0')) return;
    const at = (found[0]?.index ?? 0) + line.indexOf(digits, line.indexOf(':'));
    this.#before = Buffer.from(bytes.subarray(0, at));
    this.#after = Buffer.from(bytes.subarray(at + digits.length, text.length + EMPTY_LINE));
    this.#value = value;
  }
}

/** The header list of a remembered head, with the length that the new one has. */
export function withLength(headers: readonly string[], lengthAt: number, contentLength: number): string[] {
  const copy = headers.slice();
  copy[lengthAt] = String(contentLength);
  return copy;
}

/** Where the value of Content-Length stands in a list of names and values; -1: nowhere. */
export function lengthIndex(headers: readonly string[]): number {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (name.length === 14 && name.toLowerCase() === 'content-length') return i + 1;
  }
  return -1;
}

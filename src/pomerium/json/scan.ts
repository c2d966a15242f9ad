/** Walks over JSON text in a buffer without building values. Every function returns the offset after what it read, or -1. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;

export function skipSpaces(json: Buffer, at: number): number {
  let i = at;
  for (; i < json.length; i++) {
    const byte = json[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return i;
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}

function skipEscape(json: Buffer, at: number): number {
  const byte = json[at];
  if (byte !== 0x75) return byte !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? at + 1 : -1;
  for (let i = at + 1; i < at + 5; i++) if (!isHex(json[i])) return -1;
  return at + 5;
}

export function skipString(json: Buffer, at: number): number {
  if (json[at] !== QUOTE) return -1;
  let i = at + 1;
  while (i < json.length) {
    const byte = json[i] ?? 0;
    if (byte === QUOTE) return i + 1;
    if (byte < 0x20) return -1;
    if (byte === BACKSLASH) {
      i = skipEscape(json, i + 1);
      if (i < 0) return -1;
    } else i++;
  }
  return -1;
}

function skipDigits(json: Buffer, at: number): number {
  let i = at;
  for (; i < json.length; i++) {
    const byte = json[i] ?? 0;
    if (byte < 0x30 || byte > 0x39) break;
  }
  return i;
}

function skipNumber(json: Buffer, at: number): number {
  let i = json[at] === MINUS ? at + 1 : at;
  const whole = i;
  i = json[whole] === 0x30 ? whole + 1 : skipDigits(json, whole);
  if (i === whole) return -1;
  if (json[i] === 0x2e) {
    const fraction = i + 1;
    i = skipDigits(json, fraction);
    if (i === fraction) return -1;
  }
  if (json[i] === 0x65 || json[i] === 0x45) {
    const sign = json[i + 1];
    const exponent = sign === 0x2b || sign === MINUS ? i + 2 : i + 1;
    i = skipDigits(json, exponent);
    if (i === exponent) return -1;
  }
  return i;
}

function skipWord(json: Buffer, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (json[at + i] !== word.charCodeAt(i)) return -1;
  return at + word.length;
}

function skipScalar(json: Buffer, at: number): number {
  switch (json[at]) {
    case QUOTE:
      return skipString(json, at);
    case 0x74:
      return skipWord(json, at, 'true');
    case 0x66:
      return skipWord(json, at, 'false');
    case 0x6e:
      return skipWord(json, at, 'null');
    default:
      return skipNumber(json, at);
  }
}

/** From after a key to its value. */
function skipColon(json: Buffer, at: number): number {
  const colon = skipSpaces(json, at);
  return json[colon] === COLON ? skipSpaces(json, colon + 1) : -1;
}

function skipKey(json: Buffer, at: number): number {
  const end = skipString(json, at);
  return end < 0 ? -1 : skipColon(json, end);
}

/** Shared by all calls: the walk is synchronous, and an allocation for each request would stand on the hot path. */
const containers: boolean[] = [];

/**
 * After a value: closes what ends here and goes on to the next value. Returns the offset of the next value, or, with an empty stack,
 * the offset after the whole.
 */
function skipEndings(json: Buffer, at: number): number {
  let i = at;
  while (containers.length > 0) {
    const isObject = containers[containers.length - 1] === true;
    i = skipSpaces(json, i);
    if (json[i] === COMMA) {
      i = skipSpaces(json, i + 1);
      return isObject ? skipKey(json, i) : i;
    }
    if (json[i] !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) return -1;
    containers.pop();
    i++;
  }
  return i;
}

/** Skips one value of any depth, checking its grammar. `at` is the value's first byte. */
export function skipValue(json: Buffer, at: number): number {
  containers.length = 0;
  let i = at;
  do {
    const byte = json[i];
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      const isObject = byte === OPEN_OBJECT;
      i = skipSpaces(json, i + 1);
      if (json[i] === (isObject ? CLOSE_OBJECT : CLOSE_LIST)) i = skipEndings(json, i + 1);
      else {
        containers.push(isObject);
        if (isObject) i = skipKey(json, i);
      }
    } else {
      i = skipScalar(json, i);
      if (i >= 0) i = skipEndings(json, i);
    }
    if (i < 0) return -1;
  } while (containers.length > 0);
  return i;
}

/**
 * Visits the members of the object that starts at `at`, in order; values are checked. Returns the offset after it, or -1 when the
 * text is no object or `visit` answers false.
 */
export function visitMembers(
  json: Buffer,
  at: number,
  visit: (key: number, keyEnd: number, value: number, valueEnd: number) => boolean,
): number {
  if (json[at] !== OPEN_OBJECT) return -1;
  let i = skipSpaces(json, at + 1);
  if (json[i] === CLOSE_OBJECT) return i + 1;
  for (;;) {
    const keyEnd = skipString(json, i);
    const value = keyEnd < 0 ? -1 : skipColon(json, keyEnd);
    if (value < 0) return -1;
    const valueEnd = skipValue(json, value);
    if (valueEnd < 0 || !visit(i, keyEnd, value, valueEnd)) return -1;
    i = skipSpaces(json, valueEnd);
    if (json[i] === CLOSE_OBJECT) return i + 1;
    if (json[i] !== COMMA) return -1;
    i = skipSpaces(json, i + 1);
  }
}

/** Whether a value that `skipValue` accepted holds a number too big for a double. */
export function hasNumberBeyondDouble(json: Buffer, at: number, end: number): boolean {
  let i = at;
  while (i < end) {
    const byte = json[i] ?? 0;
    if (byte === QUOTE) i = skipString(json, i);
    else if (byte === MINUS || (byte >= 0x30 && byte <= 0x39)) {
      const start = i;
      i = skipNumber(json, i);
      if (i - start > 3 && !Number.isFinite(Number(json.toString('latin1', start, i)))) return true;
    } else i++;
  }
  return false;
}

/** Whether the string that `skipString` accepted is written as just this text: ASCII, without an escape. */
export function isText(json: Buffer, at: number, end: number, text: string): boolean {
  if (end - at !== text.length + 2) return false;
  for (let i = 0; i < text.length; i++) if (json[at + 1 + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The text of a string that `skipString` accepted; what is no UTF-8 becomes U+FFFD as in Go. */
export function readString(json: Buffer, at: number, end: number): string {
  const raw = json.toString('utf8', at + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string).toWellFormed() : raw;
}

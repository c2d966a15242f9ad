/** The upstream does not speak HTTP/1.1 correctly. */
export class ResponseError extends Error {}

/** How the body of a response is delimited, and what becomes of its connection (RFC 9112 §6, §9). */
export interface Framing {
  chunked: boolean;
  length: number | undefined;
  saysClose: boolean;
  saysKeepAlive: boolean;
  keepAlive: number | undefined;
}

export function readFraming(headers: string[]): Framing {
  const framing: Framing = {
    chunked: false,
    length: undefined,
    saysClose: false,
    saysKeepAlive: false,
    keepAlive: undefined,
  };
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const value = headers[i + 1] ?? '';
    // Only these lengths matter; comparing them first spares most names the lower-casing.
    if (name.length === 14 && name.toLowerCase() === 'content-length') takeLength(framing, value);
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') takeEncoding(framing, value);
    else if (name.length === 10) takeConnection(framing, name.toLowerCase(), value.toLowerCase());
  }
  // RFC 9112 §6.1: both at once is an attack or a broken server.
  if (framing.chunked && framing.length !== undefined)
    throw new ResponseError('both Content-Length and Transfer-Encoding');
  return framing;
}

function takeLength(framing: Framing, value: string): void {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (length === undefined || (framing.length !== undefined && framing.length !== length))
    throw new ResponseError('bad Content-Length');
  framing.length = length;
}

function takeEncoding(framing: Framing, value: string): void {
  if (framing.chunked || value.toLowerCase() !== 'chunked') throw new ResponseError('unknown Transfer-Encoding');
  framing.chunked = true;
}

function takeConnection(framing: Framing, name: string, value: string): void {
  if (name === 'connection') {
    if (/(?:^|,)\s*close\s*(?:,|$)/.test(value)) framing.saysClose = true;
    if (/(?:^|,)\s*keep-alive\s*(?:,|$)/.test(value)) framing.saysKeepAlive = true;
  } else if (name === 'keep-alive') {
    const seconds = /timeout=(\d{1,6})/.exec(value)?.[1];
    if (seconds !== undefined) framing.keepAlive = Number(seconds);
  }
}

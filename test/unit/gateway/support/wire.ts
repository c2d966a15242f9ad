import { connect, type TLSSocket } from 'node:tls';

export interface WireResponse {
  status: number;
  statusLine: string;
  /** Names in lower case; equal names are joined by a comma. */
  headers: Map<string, string>;
  body: Buffer;
}

export interface WireTarget {
  port: number;
  ca: string;
  servername?: string;
}

export function openSocket(target: WireTarget): TLSSocket {
  const socket = connect({
    host: '127.0.0.1',
    port: target.port,
    ca: target.ca,
    servername: target.servername ?? 'localhost',
    ALPNProtocols: ['http/1.1'],
  });
  socket.setNoDelay(true);
  return socket;
}

/** Sends bytes as they are and collects what comes back until the gateway closes or `idle` milliseconds pass in silence. */
export function sendRaw(target: WireTarget, bytes: string | Buffer, idle = 3_000): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  const socket = openSocket(target);
  const finish = (): void => {
    clearTimeout(timer);
    socket.destroy();
    resolve(Buffer.concat(chunks));
  };
  const timer = setTimeout(finish, idle);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    timer.refresh();
  });
  socket.on('end', finish).on('error', finish).on('close', finish);
  socket.write(bytes);
  return promise;
}

export function parseResponse(bytes: Buffer): WireResponse {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) throw new Error(`no response head in ${JSON.stringify(bytes.toString('latin1').slice(0, 200))}`);
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name) ?? ''}, ${value}` : value);
  }
  const raw = bytes.subarray(end + 4);
  const body = headers.get('transfer-encoding') === 'chunked' ? dechunk(raw) : raw;
  return { status: Number(statusLine.split(' ')[1]), statusLine, headers, body };
}

export async function exchange(target: WireTarget, bytes: string | Buffer): Promise<WireResponse> {
  return parseResponse(await sendRaw(target, bytes));
}

function dechunk(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    if (end === -1) break;
    const size = Number.parseInt(raw.toString('latin1', at, end), 16);
    if (!size) break;
    parts.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

/**
 * Many connections that call at the same moment: `storm-client.ts <options as JSON>`. Each storm is two volleys, the first when the upstream
 * token has expired, the second at once after it. Prints one JSON line: the milliseconds of each call.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

interface StormOptions {
  port: number;
  ca: string;
  host: string;
  path: string;
  headers: string;
  clients: number;
  storms: number;
  /** Seconds that an upstream token lives. */
  life: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as StormOptions;
const ca = readFileSync(options.ca);
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } });
const call = Buffer.from(
  `POST ${options.path} HTTP/1.1\r\nHost: ${options.host}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n${options.headers}Content-Length: ${body.length}\r\n\r\n${body}`,
);

async function open(): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const servername = options.host.replace(/:\d+$/, '');
  const where = { host: '127.0.0.1', port: options.port, ca, servername, ALPNProtocols: ['http/1.1'] };
  const socket = connect(where, resolve);
  socket.setNoDelay(true).on('error', reject);
  await promise;
  return socket;
}

/** Milliseconds until the answer is whole. */
async function callOnce(socket: TLSSocket): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const begun = performance.now();
  let text = '';
  const onData = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (!isWhole(text)) return;
    socket.off('data', onData);
    if (text.startsWith('HTTP/1.1 200') && text.includes('"result"')) resolve(performance.now() - begun);
    else reject(new Error(text.slice(0, 300)));
  };
  socket.on('data', onData);
  socket.write(call);
  return promise;
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return length === undefined ? text.endsWith('\r\n0\r\n\r\n') : text.length >= end + 4 + Number(length);
}

const sockets = await Promise.all(Array.from({ length: options.clients }, open));
const volley = async (): Promise<number[]> => Promise.all(sockets.map(callOnce));
const expired: number[][] = [];
const fresh: number[][] = [];
// What is compiled in the first calls is not to be measured.
await volley();
for (let storm = 0; storm < options.storms; storm++) {
  await sleep(options.life * 1_000 + 100);
  expired.push(await volley());
  fresh.push(await volley());
}
process.stdout.write(`${JSON.stringify({ expired, fresh })}\n`, () => process.exit(0));

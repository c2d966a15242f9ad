/**
 * The load generator: `load.ts <options as JSON>`. Each connection sends the next call when the answer to the last one is whole. Prints
 * one JSON line: calls, seconds, latencies in milliseconds.
 */
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

interface LoadOptions {
  port: number;
  /** PEM file; absent: no TLS. */
  ca?: string;
  host: string;
  path: string;
  /** Header lines, each with CRLF. */
  headers: string;
  /** Begin each connection with `initialize` and name its session in what follows. */
  initialize: boolean;
  connections: number;
  seconds: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const ca = options.ca === undefined ? undefined : readFileSync(options.ca);
const latencies: number[] = [];
let nextId = 1;
let measuring = false;
let failures = 0;

function call(session: string): Buffer {
  const id = nextId++;
  const text = `a text of the length that a small tool call has, number ${id}`;
  return post({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'echo', arguments: { text } } }, session);
}

function initialize(): Buffer {
  const clientInfo = { name: 'load', version: '1' };
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo };
  return post({ jsonrpc: '2.0', id: nextId++, method: 'initialize', params }, '');
}

/** `session`: header lines. */
function post(message: unknown, session: string): Buffer {
  const body = JSON.stringify(message);
  const head = `POST ${options.path} HTTP/1.1\r\nHost: ${options.host}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-06-18\r\n${options.headers}${session}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body, 'latin1');
}

function open(): Promise<Socket> {
  const where = { host: '127.0.0.1', port: options.port };
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const servername = options.host.replace(/:\d+$/, '');
  const socket: Socket = ca
    ? connectTls({ ...where, ca, servername, ALPNProtocols: ['http/1.1'] }, () => resolve(socket))
    : connectTcp(where, () => resolve(socket));
  socket.setNoDelay(true).on('error', reject);
  return promise;
}

/** The length of the answer at the start of the bytes; 0: it is not whole yet. */
function answerLength(bytes: Buffer): number {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return 0;
  const head = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= end + 4 + Number(length) ? end + 4 + Number(length) : 0;
  const last = bytes.indexOf('\r\n0\r\n\r\n', end + 2);
  return last === -1 ? 0 : last + 7;
}

async function drive(until: () => boolean): Promise<void> {
  const socket = await open();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let pending: Buffer = Buffer.alloc(0);
  let sentAt = 0;
  let session = '';
  let greeted = !options.initialize;
  const send = (): void => {
    sentAt = performance.now();
    socket.write(greeted ? call(session) : initialize());
  };
  socket.on('close', () => reject(new Error('connection closed')));
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const length = answerLength(pending);
    if (length === 0) return;
    if (!pending.subarray(0, 15).equals(Buffer.from('HTTP/1.1 200 OK')) || !pending.includes('"result"')) failures++;
    if (!greeted) {
      const id = /\r\nmcp-session-id: ([^\r]+)/i.exec(pending.toString('latin1'))?.[1];
      session = id === undefined ? '' : `Mcp-Session-Id: ${id}\r\n`;
      greeted = true;
    }
    pending = pending.subarray(length);
    if (measuring) latencies.push(performance.now() - sentAt);
    if (until()) resolve();
    else send();
  });
  send();
  await promise;
  socket.destroy();
}

const WARM_UP = 0.25;
let over = false;
const running = Array.from({ length: options.connections }, () => drive(() => over));
setTimeout(() => (measuring = true), options.seconds * WARM_UP * 1_000);
const started = { at: 0 };
setTimeout(() => (started.at = performance.now()), options.seconds * WARM_UP * 1_000);
setTimeout(
  () => {
    measuring = false;
    over = true;
    const seconds = (performance.now() - started.at) / 1_000;
    latencies.sort((a, b) => a - b);
    const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
    const line = { calls: latencies.length, all: nextId - 1, seconds, p50: at(0.5), p99: at(0.99), failures };
    process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
  },
  options.seconds * (1 + WARM_UP) * 1_000,
);
await Promise.all(running).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});

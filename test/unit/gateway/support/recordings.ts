import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseResponse, type WireResponse } from './wire.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/pomerium-live');

export interface Recording {
  name: string;
  /** The Host header. */
  host: string;
  /** Path with query. */
  target: string;
  /** Of the request; names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** As sent, with elided bodies filled up to their Content-Length. */
  request: Buffer;
  response: WireResponse;
}

export function readFixture(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** All recorded exchanges, without the ending of their files. */
export function recordingNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.http'))
    .map((file) => file.slice(0, -'.http'.length));
}

export function readRecording(name: string): Recording {
  const text = readFixture(`${name}.http`);
  const [, sent = '', received = ''] = /^>>> request\n([\s\S]*?)\n<<< response\n([\s\S]*)$/m.exec(text) ?? [];
  // The bodies stand there without their chunks.
  const response = parseResponse(wire(received.replace(/^transfer-encoding: chunked\n/im, '')));
  const [first = '', ...lines] = sent.split('\n\n', 1)[0]?.split('\n') ?? [];
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const target = first.split(' ')[1] ?? '';
  return { name, host: headers.get('host') ?? '', target, headers, request: wireRequest(sent), response };
}

function wireRequest(sent: string): Buffer {
  const whole = wire(sent.replace(/\n$/, ''));
  const at = whole.indexOf('\r\n\r\n') + 4;
  const head = whole.toString('latin1', 0, at);
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  const body = whole.subarray(at);
  if (length === 0) return Buffer.from(head, 'latin1');
  return Buffer.concat([Buffer.from(head, 'latin1'), fill(body, length)]);
}

/** `…xxx (5092 body bytes in all)`: what was left out is more of the same letter. */
function fill(body: Buffer, length: number): Buffer {
  const text = body.toString('utf8');
  const elided = /^([\s\S]*?)… \(\d+ body bytes in all\)\s*$/.exec(text)?.[1];
  if (elided === undefined) return body.subarray(0, length);
  const tail = '"}}}';
  return Buffer.from(elided + 'x'.repeat(length - elided.length - tail.length) + tail);
}

/** Line ends of the head as on the wire; a response's body ends before the file's own line end. */
function wire(text: string): Buffer {
  const end = text.indexOf('\n\n');
  return Buffer.from(`${text.slice(0, end).replaceAll('\n', '\r\n')}\r\n\r\n${text.slice(end + 2)}`);
}

import type { Readable } from 'node:stream';

const HEADER = 8;
const NEWLINE = 0x0a;

/** Lines of a text stream; the last one also without its end. */
export async function* splitLines(stream: Readable): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, asBuffer(chunk)]);
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      const line = rest.toString('utf8', 0, end).trimEnd();
      rest = rest.subarray(end + 1);
      if (line !== '') yield line;
    }
  }
  const last = rest.toString('utf8').trimEnd();
  if (last !== '') yield last;
}

/**
 * Lines of a container's log. Without a terminal Docker puts an 8 byte header before each piece: stream type, three zeros, length
 * (Engine API, "Attach to a container", Stream format). Pieces end where the program's writes ended, so lines are joined per
 * stream. With a terminal there are no headers.
 */
export async function* logLines(stream: Readable): AsyncGenerator<string> {
  const partial = new Map<number, string>();
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    buffer = Buffer.concat([buffer, asBuffer(chunk)]);
    for (;;) {
      const frame = takeFrame(buffer);
      if (!frame) break;
      buffer = frame.rest;
      const lines = `${partial.get(frame.type) ?? ''}${frame.text}`.split('\n');
      partial.set(frame.type, lines.pop() ?? '');
      for (const line of lines) if (line.trimEnd() !== '') yield line.trimEnd();
    }
  }
  for (const line of partial.values()) if (line.trimEnd() !== '') yield line.trimEnd();
}

function takeFrame(buffer: Buffer): { type: number; text: string; rest: Buffer } | undefined {
  if (buffer.length === 0) return undefined;
  if (!isHeader(buffer)) return { type: 0, text: buffer.toString('utf8'), rest: Buffer.alloc(0) };
  if (buffer.length < HEADER) return undefined;
  const end = HEADER + buffer.readUInt32BE(4);
  if (buffer.length < end) return undefined;
  return { type: buffer[0] ?? 0, text: buffer.toString('utf8', HEADER, end), rest: buffer.subarray(end) };
}

function isHeader(buffer: Buffer): boolean {
  return (buffer[0] ?? 9) <= 2 && buffer.subarray(1, 4).every((byte) => byte === 0);
}

function asBuffer(chunk: unknown): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

export interface StampedLine {
  /** ISO 8601 with milliseconds. */
  time: string;
  /** As Docker gave it, with nanoseconds; compares as text. */
  stamp: string;
  text: string;
}

/** Separates the time that Docker puts before each line. */
export function readStamp(line: string): StampedLine {
  const [, stamp = '', text = ''] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?(.*)$/s.exec(line) ?? [];
  if (stamp === '') return { time: '', stamp: '', text: line };
  const time = `${stamp.slice(0, 19)}.${(/\.(\d{1,3})/.exec(stamp)?.[1] ?? '').padEnd(3, '0')}Z`;
  return { time, stamp, text };
}

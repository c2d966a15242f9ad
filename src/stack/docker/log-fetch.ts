import type { LogLine } from '../logs/log-line.ts';
import { parseLines } from '../logs/log-line.ts';
import type { DockerApi, LogOptions } from './docker-api.ts';
import { logLines, readStamp } from './frames.ts';

/** A line with the time that Docker saw it, to the nanosecond, so that none is taken twice. */
export interface StampedLogLine extends LogLine {
  stamp: string;
}

/** What a container said, oldest first. One that is gone has said nothing. */
export async function fetchLog(
  api: DockerApi,
  container: { id: string; service: string },
  options: LogOptions,
): Promise<StampedLogLine[]> {
  const lines: StampedLogLine[] = [];
  try {
    for await (const line of logLines(await api.log(container.id, options)))
      lines.push(toLogLine(line, container.service));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return lines;
}

export function toLogLine(line: string, service: string): StampedLogLine {
  const { time, stamp, text } = readStamp(line);
  const [parsed] = parseLines(text, service, time);
  // Docker's time counts: Pomerium's own is in whole seconds, and lines of several services are put in order by it.
  return { ...(parsed ?? { service, raw: text }), time, stamp };
}

/** What a line says, without its JSON. */
export function messageOf({ fields, raw }: LogLine): string {
  const message = fields?.['message'] ?? fields?.['msg'];
  if (typeof message !== 'string') return raw;
  const error = fields?.['error'];
  return typeof error === 'string' && !message.includes(error) ? `${message}: ${error}` : message;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && (error.statusCode === 404 || error.statusCode === 409);
}

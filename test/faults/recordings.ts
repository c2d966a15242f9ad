import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoggedLine } from '../../src/doctor/check.ts';

type Recorded = Record<string, unknown> | string;

const FILE = join(import.meta.dirname, '../fixtures/pomerium-log/cases.jsonl');
const RECORDED = Map.groupBy(
  readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { case: string; line: Recorded }),
  (one) => one.case,
);

/** What a running Pomerium v0.33.1 logged. */
export function recordedAs(name: string): LoggedLine[] {
  const found = RECORDED.get(name);
  if (!found) throw new Error(`nothing is recorded as ${name}`);
  return found.map(({ line }) => toLine(line));
}

/** A line that is in no recording: only the words that were seen or that the source has. */
export function said(message: string, error?: string): LoggedLine {
  return toLine({ level: 'error', message, ...(error === undefined ? {} : { error }) });
}

function toLine(line: Recorded): LoggedLine {
  if (typeof line === 'string') return { time: '', service: 'pomerium', raw: line };
  const time = typeof line['time'] === 'string' ? line['time'] : '';
  return { time, service: 'pomerium', raw: JSON.stringify(line), fields: line };
}

/** How the development gateway tells why it refused somebody; the words are Pomerium's. */
export function refused(reason: string, where = 'mcp/authorize'): LoggedLine[] {
  return [toLine({ level: 'info', message: `${where}: refused`, reason })];
}

/** A line of the log of requests. */
export function requested(status: number, details: string): LoggedLine {
  return toLine({ level: 'info', message: 'http-request', 'response-code': status, 'response-code-details': details });
}

import { parseRecord } from '../../json.ts';

/** One line of a service's log. */
export interface LogLine {
  /** ISO 8601; a line that is no JSON has the time of the one before it. */
  time: string;
  service: string;
  /** The fields of the entry; absent when the line is no JSON object. */
  fields?: Record<string, unknown>;
  /** The line as it stands in the file. */
  raw: string;
}

/** Lines of one file's text. `before` is the time for lines that come ahead of the first one with a time. */
export function parseLines(text: string, service: string, before: string): LogLine[] {
  let time = before;
  return text
    .split('\n')
    .filter((raw) => raw.trim() !== '')
    .map((raw) => {
      // Most other lines are no JSON at all, and need no parser to say so.
      const fields = raw.startsWith('{') ? parseRecord(raw) : undefined;
      if (typeof fields?.['time'] === 'string') time = fields['time'];
      return { time, service, raw, ...(fields ? { fields } : {}) };
    });
}

/** Lines of several services in the order of time; lines of one service keep theirs. */
export function mergeByTime(lists: readonly (readonly LogLine[])[]): LogLine[] {
  // Array.prototype.sort is stable, and ISO 8601 times of one form compare as text.
  return lists.flat().sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

import { failure, ok, skipped, warning, type Check, type Finding } from '../check.ts';
import type { LoggedLine } from '../patient.ts';
import { count } from '../words.ts';

/** What a line of Pomerium's log means. Sources of the wordings: Pomerium v0.33.1, seen running. */
export interface LogPattern {
  /** Tried on `message`, `error` and what else says why, joined by a blank; for lines that are no JSON, on the whole line. */
  match: RegExp;
  kind: 'warning' | 'failure';
  text: string;
  fix: string;
  /** A later line that shows the fault to be over. */
  over?: RegExp;
}

export interface LogGroup {
  id: string;
  title: string;
  patterns: readonly LogPattern[];
}

/** A check that looks for one group of patterns in what was logged since the last start. */
export function logCheck({ id, title, patterns }: LogGroup): Check {
  return {
    id,
    area: 'log',
    title,
    on: ['project'],
    needs: ['FIL-02'],
    async run({ log }) {
      const lines = sinceStart(await log());
      if (lines.length === 0) return skipped('nothing has been logged yet');
      return judgeLines(lines, patterns);
    },
  };
}

export function judgeLines(lines: readonly LoggedLine[], patterns: readonly LogPattern[]): Finding {
  const texts = lines.map(wordsOf);
  for (const { match, kind, text, fix, over } of patterns) {
    const last = texts.findLastIndex((words) => match.test(words));
    if (last === -1) continue;
    if (over && texts.slice(last + 1).some((words) => over.test(words))) continue;
    const times = texts.filter((words) => match.test(words)).length;
    const evidence = [`${count(times, 'line')}, the last:`, (texts[last] ?? '').slice(0, 300)];
    return kind === 'failure' ? failure(text, fix, evidence) : warning(text, fix, evidence);
  }
  return ok(`${count(lines.length, 'line')} looked through`);
}

/** Milliseconds. Pomerium reads its file before it says that it starts. */
const BEFORE_START = 5_000;

/** What was said before the last start concerns a process that is gone. */
function sinceStart(lines: readonly LoggedLine[]): readonly LoggedLine[] {
  const start = lines.findLast(
    ({ fields }) => fields?.['message'] === 'cmd/pomerium' && fields['version'] !== undefined,
  );
  if (!start) return lines;
  const from = Date.parse(start.time) - BEFORE_START;
  return lines.filter(({ time }) => Date.parse(time) >= from);
}

function wordsOf({ fields, raw }: LoggedLine): string {
  if (!fields) return raw;
  // certmagic's lines have `msg`; our gateway's refusals `reason`, and the log of requests says in its details why Envoy gave up.
  const members = ['key', 'error', 'reason', 'response-code-details'];
  const words = [fields['message'] ?? fields['msg'], ...members.map((name) => fields[name])];
  return words.filter((word) => typeof word === 'string').join(' ');
}

import type { Position } from '../pomerium/model.ts';
import { maskSecrets } from './mask-secrets.ts';

const AROUND = 2;
const WIDTH = 74;

/** What a terminal would obey instead of showing it. */
const CONTROL = /\p{Cc}/gu;

/** The lines around a position, the line itself marked and a caret under the column; values of secrets are masked. */
export function codeFrame(text: string, { line, column }: Position): string {
  const lines = maskSecrets(text).split(/\r?\n/);
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const digits = String(last).length;
  const frame: string[] = [];
  for (let number = first; number <= last; number += 1) {
    // A tab is as wide as a blank here, so that the caret stands under its column.
    const shown = (lines[number - 1] ?? '').replaceAll('\t', ' ').replace(CONTROL, '·').slice(0, WIDTH);
    const mark = number === line ? '>' : ' ';
    frame.push(`${mark} ${String(number).padStart(digits)} | ${shown}`.trimEnd());
    if (number === line && column <= WIDTH) frame.push(`${' '.repeat(digits + 2)} | ${' '.repeat(column - 1)}^`);
  }
  return frame.join('\n');
}

import type { Style } from '../style.ts';

/** A unified diff in colour. */
export function diffLines(diff: string, style: Style): string[] {
  return diff.split('\n').map((line) => {
    if (/^(---|\+\+\+|@@)/.test(line)) return style.dim(line);
    if (line.startsWith('+')) return style.ok(line);
    return line.startsWith('-') ? style.bad(line) : line;
  });
}

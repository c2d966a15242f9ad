const CONTEXT = 2;

type Line = { kind: ' ' | '-' | '+'; text: string };

/** Unified diff of two texts with two lines of context; empty when they are equal. */
export function unifiedDiff(before: string, after: string, names: { before: string; after: string }): string {
  if (before === after) return '';
  const lines = compare(toLines(before), toLines(after));
  const hunks = hunksOf(lines).map(({ from, to }) => hunkText(lines, from, to));
  return [`--- ${names.before}`, `+++ ${names.after}`, ...hunks].join('\n');
}

function toLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Longest common subsequence by the textbook table; the files compared here have a few hundred lines. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longer = Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
      common[i * width + j] = before[i] === after[j] ? (common[(i + 1) * width + j + 1] ?? 0) + 1 : longer;
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: ' ', text: before[i] ?? '' });
      i += 1;
      j += 1;
    } else if (
      i < before.length &&
      (j === after.length || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push({ kind: '-', text: before[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: '+', text: after[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** Stretches of lines around changes; those that touch are one. */
function hunksOf(lines: readonly Line[]): { from: number; to: number }[] {
  const hunks: { from: number; to: number }[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.kind === ' ') continue;
    const from = Math.max(0, i - CONTEXT);
    const to = Math.min(lines.length, i + CONTEXT + 1);
    const last = hunks.at(-1);
    if (last && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}

function hunkText(lines: readonly Line[], from: number, to: number): string {
  const part = lines.slice(from, to);
  const count = (kinds: string, some: readonly Line[]): number =>
    some.filter((line) => kinds.includes(line.kind)).length;
  const range = (kinds: string): string => `${count(kinds, lines.slice(0, from)) + 1},${count(kinds, part)}`;
  return [`@@ -${range(' -')} +${range(' +')} @@`, ...part.map((line) => `${line.kind}${line.text}`)].join('\n');
}

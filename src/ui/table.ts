import { stripVTControlCharacters } from 'node:util';

/** Columns a text takes on a terminal; colour codes take none. */
export function widthOf(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Cuts plain text to a width, with an ellipsis where something was lost. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/**
 * Rows as aligned columns, three blanks apart, no trailing blanks. When the rows are wider than `width` the last column is cut
 * (its cells must be plain text).
 */
export function table(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => widthOf(row[i] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, columnWidth) => sum + columnWidth + 3, 0);
  const last = Math.max(10, width - before);
  return rows.map((row) =>
    row
      .map((cell, i) => {
        if (i < columns - 1) return padEnd(cell, widths[i] ?? 0);
        return widthOf(cell) > last ? truncate(stripVTControlCharacters(cell), last) : cell;
      })
      .join('   ')
      .trimEnd(),
  );
}

/** Text broken at blanks to lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

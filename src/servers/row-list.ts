import { encodeJson } from './tool.ts';

export interface RowLimits {
  rows: number;
  /** Bytes of the answer's JSON. */
  bytes: number;
}

/** Two columns of one name are both kept: the second is called `a:1`, as SQLite itself does in subqueries. */
export function withUniqueNames<T extends { name: string }>(columns: readonly T[]): T[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let unique = column.name;
    for (let i = 1; taken.has(unique); i += 1) unique = `${column.name}:${i}`;
    taken.add(unique);
    return { ...column, name: unique };
  });
}

/** One row as an indented JSON object; the values are JSON already. */
export function formatMembers(names: readonly string[], values: readonly string[]): string {
  const members = names.map((name, i) => `    ${encodeJson(name)}: ${values[i] ?? 'null'}`);
  return `  {\n${members.join(',\n')}\n  }`;
}

/** Text as JSON; when it is longer than `longest` characters it is cut and says so. */
export function formatText(text: string, longest: number): string {
  return encodeJson(text.length > longest ? cut(text, longest) : text);
}

function cut(text: string, longest: number): string {
  return `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')}... (cut, ${text.length} characters in all)`;
}

/** JSON array of rows within the limits: it stays valid, and that some are missing is said in an item of its own. */
export function collectRows<T>(
  rows: Iterable<T>,
  format: (row: T, longest?: number) => string,
  limits: RowLimits,
): string[] {
  const list = new RowList(limits.bytes);
  for (const row of rows) {
    if (list.length >= limits.rows) return truncated(list, `the limit is ${limits.rows} rows`);
    if (list.add(format(row))) continue;
    // Better a first row with shortened texts than none.
    const hasShortened = list.length === 0 && addShortened(list, (longest) => format(row, longest), limits.bytes);
    return truncated(list, `the limit is ${limits.bytes} bytes${hasShortened ? ', and long texts in it are cut' : ''}`);
  }
  return [list.toString()];
}

function addShortened(list: RowList, format: (longest: number) => string, bytes: number): boolean {
  for (let longest = bytes; longest > 0; longest = Math.floor(longest / 2)) {
    if (list.add(format(longest))) return true;
  }
  return false;
}

function truncated(list: RowList, why: string): string[] {
  const shown = list.length === 1 ? 'the first row is shown' : `the first ${list.length} rows are shown`;
  return [list.toString(), `... (results truncated): ${shown}, ${why}. Ask for fewer rows or columns.`];
}

/** JSON array of rows that stops at whole rows. */
class RowList {
  private readonly rows: string[] = [];
  private size = '[\n\n]'.length;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  get length(): number {
    return this.rows.length;
  }

  /** False when the row does not fit any more. */
  add(row: string): boolean {
    const size = Buffer.byteLength(row) + (this.rows.length > 0 ? ',\n'.length : 0);
    if (this.size + size > this.limit) return false;
    this.size += size;
    this.rows.push(row);
    return true;
  }

  toString(): string {
    return this.rows.length === 0 ? '[]' : `[\n${this.rows.join(',\n')}\n]`;
  }
}

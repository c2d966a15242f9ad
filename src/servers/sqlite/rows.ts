import { encodeJson } from '../tool.ts';
import { isDateType, toGoDate } from './go-date.ts';

/** A value as node:sqlite hands it out with big integers switched on. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface Column {
  name: string;
  /** The type the column was declared with; null for an expression. */
  type: string | null;
}

/** Two columns of one name are both kept: the second is called `a:1`, as SQLite itself does in subqueries. */
export function withUniqueNames(columns: readonly Column[]): Column[] {
  const taken = new Set<string>();
  return columns.map(({ name, type }) => {
    let unique = name;
    for (let i = 1; taken.has(unique); i += 1) unique = `${name}:${i}`;
    taken.add(unique);
    return { name: unique, type };
  });
}

/** One row as an indented JSON object; texts longer than `longest` characters are cut and say so. */
export function formatRow(columns: readonly Column[], row: readonly SqlValue[], longest = Infinity): string {
  const members = columns.map(
    ({ name, type }, i) => `    ${encodeJson(name)}: ${formatValue(row[i] ?? null, type, longest)}`,
  );
  return `  {\n${members.join(',\n')}\n  }`;
}

function formatValue(value: SqlValue, type: string | null, longest: number): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatNumber(value);
  if (value instanceof Uint8Array) return encodeJson(`BLOB data (length ${value.length})`);
  const text = isDateType(type) ? toGoDate(value) : value;
  return encodeJson(text.length > longest ? cut(text, longest) : text);
}

/** JSON knows no infinity, and the rest of the answer is not to be lost with it. */
function formatNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function cut(text: string, longest: number): string {
  return `${text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '')}... (cut, ${text.length} characters in all)`;
}

/** JSON array of rows that stops at whole rows. */
export class RowList {
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

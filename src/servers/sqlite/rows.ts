import { formatMembers, formatText } from '../row-list.ts';
import { encodeJson } from '../tool.ts';
import { isDateType, toGoDate } from './go-date.ts';

/** A value as node:sqlite hands it out with big integers switched on. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface Column {
  name: string;
  /** The type the column was declared with; null for an expression. */
  type: string | null;
}

/** One row as an indented JSON object; texts longer than `longest` characters are cut and say so. */
export function formatRow(columns: readonly Column[], row: readonly SqlValue[], longest = Infinity): string {
  return formatMembers(
    columns.map(({ name }) => name),
    columns.map(({ type }, i) => formatValue(row[i] ?? null, type, longest)),
  );
}

function formatValue(value: SqlValue, type: string | null, longest: number): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatNumber(value);
  if (value instanceof Uint8Array) return encodeJson(`BLOB data (length ${value.length})`);
  return formatText(isDateType(type) ? toGoDate(value) : value, longest);
}

/** JSON knows no infinity, and the rest of the answer is not to be lost with it. */
function formatNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

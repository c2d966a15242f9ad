import { formatMembers, formatText } from '../row-list.ts';
import { encodeJson, escapeForHtml } from '../tool.ts';

export interface Column {
  name: string;
  /** OID of the type: src/include/catalog/pg_type.dat of PostgreSQL. */
  type: number;
}

const BOOL = 16;
const BYTEA = 17;
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const JSONS = new Set([114, 3802]);
/** JSON's grammar of a number; NaN and Infinity stay text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** One row as an indented JSON object; texts longer than `longest` characters are cut and say so. */
export function formatRow(columns: readonly Column[], row: readonly (string | null)[], longest = Infinity): string {
  return formatMembers(
    columns.map(({ name }) => name),
    columns.map(({ type }, i) => formatValue(row[i] ?? null, type, longest)),
  );
}

/** Numbers keep all their digits; what JSON has no form for is PostgreSQL's own text. */
function formatValue(value: string | null, type: number, longest: number): string {
  if (value === null) return 'null';
  if (type === BOOL) return value === 't' ? 'true' : 'false';
  if (NUMBERS.has(type) && NUMBER.test(value) && value.length <= longest) return value;
  if (type === BYTEA) return encodeJson(`BYTEA data (length ${(value.length - '\\x'.length) / 2})`);
  if (JSONS.has(type) && value.length <= longest) return escapeForHtml(value);
  return formatText(value, longest);
}

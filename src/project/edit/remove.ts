import { isMap, isPair, isScalar, isSeq, parseYaml, type Node } from '../yaml.ts';
import { entriesOf, nodeAt, pairAt, type Step } from './block.ts';

/**
 * Takes one entry out of a map or list: with the comments that belong to it and the blank lines before it. Everything else stays byte for
 * byte. Undefined when there is none, or when the file has a form there that has to be edited by hand.
 */
export function removeAt(text: string, path: readonly Step[]): string | undefined {
  const { document } = parseYaml(text, '');
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : nodeAt(document, parentPath);
  if (!isMap(parent) && !isSeq(parent)) return undefined;
  const index = indexOf(parent, path.at(-1) ?? '');
  if (index === -1) return undefined;
  if (parent.flow) return removeInline(text, parent.items, index);
  const entries = entriesOf(text, parent, isMap(parent));
  const entry = entries?.[index];
  if (!entries || !entry) return undefined;
  // The first key behind the dash of a list's item shares its line with the dash.
  if (index === 0 && text.slice(entry.start, entry.start + entry.indentation).includes('-')) return undefined;
  const next = entries[index + 1];
  if (index > 0) return text.slice(0, endOfLineBefore(text, entry.start)) + text.slice(entry.end);
  if (next) return text.slice(0, entry.start) + text.slice(next.start);
  return emptied(text, parentPath, { start: endOfLineBefore(text, entry.start), end: entry.end }, isSeq(parent));
}

function indexOf(parent: { items: unknown[] }, step: Step): number {
  if (typeof step === 'number') return step < parent.items.length ? step : -1;
  return parent.items.findIndex((pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === step);
}

/** Where the line above ends, past blank lines. */
function endOfLineBefore(text: string, start: number): number {
  return text.slice(0, start).search(/\r?\n(?:[ \t]*\r?\n)*$/);
}

/** Nothing is left: `key: []`, since a key without a value is null, which is another thing. */
function emptied(
  text: string,
  path: readonly Step[],
  { start, end }: { start: number; end: number },
  isList: boolean,
): string | undefined {
  const key = pairAt(parseYaml(text, '').document, path)?.key;
  if (!isScalar(key) || !key.range) return undefined;
  const colon = text.indexOf(':', key.range[1]) + 1;
  return `${text.slice(0, colon)} ${isList ? '[]' : '{}'}${text.slice(colon, start)}${text.slice(end)}`;
}

function removeInline(text: string, items: readonly unknown[], index: number): string | undefined {
  const ranges = items.map((item) => rangeOf(item));
  const [own, before, after] = [ranges[index], ranges[index - 1], ranges[index + 1]];
  if (!own) return undefined;
  if (before) return text.slice(0, before.end) + text.slice(own.end);
  return text.slice(0, own.start) + text.slice(after ? after.start : own.end);
}

function rangeOf(item: unknown): { start: number; end: number } | undefined {
  const [first, last] = isPair(item) ? [item.key, item.value ?? item.key] : [item, item];
  const start = (first as Node | null)?.range?.[0];
  const end = (last as Node | null)?.range?.[1];
  return start === undefined || end === undefined ? undefined : { start, end };
}

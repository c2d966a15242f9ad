import { isMap, isScalar, isSeq, parseYaml, type Node } from '../yaml.ts';
import { entriesOf, indent, lineBreakOf, lineEnd, nodeAt, pairAt, type Step } from './block.ts';

/**
 * Adds an entry behind the last one of the map or list at `path`, as lines of its own: `- name: x` and what follows for a list, `key: value`
 * for a map. Everything else stays byte for byte. Undefined when the file has a form there that has to be edited by hand.
 */
export function append(
  text: string,
  path: readonly Step[],
  lines: readonly string[],
  options: { gap?: boolean } = {},
): string | undefined {
  const { document } = parseYaml(text, '');
  const collection = path.length === 0 ? document.contents : nodeAt(document, path);
  const isEmpty = collection === undefined || collection === null || isEmptyNode(collection);
  if (isEmpty) return path.length === 0 ? undefined : fillEmpty(text, path, lines);
  if (!isMap(collection) && !isSeq(collection)) return undefined;
  if (collection.flow) return lines.length === 1 ? appendInline(text, collection, lines[0] ?? '') : undefined;
  const entries = entriesOf(text, collection, isMap(collection));
  const last = entries?.at(-1);
  if (!entries || !last) return undefined;
  const gap = hasGaps(text, entries) ?? options.gap === true;
  return insertBelow(text, last.end, indent(lines, last.indentation), gap);
}

/** Whether blank lines part the entries; undefined when one entry alone does not tell. */
function hasGaps(text: string, entries: readonly { start: number; end: number }[]): boolean | undefined {
  const [before, last] = entries.slice(-2);
  if (!before || !last) return undefined;
  return text.slice(before.end, last.start).split('\n').length > 2;
}

function insertBelow(text: string, at: number, lines: readonly string[], gap: boolean): string {
  const eol = lineBreakOf(text);
  const added = [...(gap ? [''] : []), ...lines].map((line) => `${eol}${line}`).join('');
  return text.slice(0, at) + added + text.slice(at);
}

function isEmptyNode(node: Node): boolean {
  if (isMap(node) || isSeq(node)) return node.items.length === 0;
  return isScalar(node) && node.value === null;
}

/** `key:`, `key: []`, `key: {}`, or no such key: then it is added to its parent. */
function fillEmpty(text: string, path: readonly Step[], lines: readonly string[]): string | undefined {
  const { document } = parseYaml(text, '');
  const pair = pairAt(document, path);
  const key = String(path.at(-1));
  if (pair === undefined) return append(text, path.slice(0, -1), [`${key}:`, ...indent(lines, 2)]);
  if (!isScalar(pair.key) || !pair.key.range) return undefined;
  const column = pair.key.range[0] - (text.lastIndexOf('\n', pair.key.range[0]) + 1);
  const value = pair.value as Node | null;
  const written = value?.range ? text.slice(value.range[0], value.range[1]) : '';
  if (!['', '~', 'null', '[]', '{}'].includes(written.replace(/\s/g, ''))) return undefined;
  const end = written === '' || !value?.range ? undefined : value.range;
  const bare = end ? text.slice(0, end[0]).trimEnd() + text.slice(end[1]) : text;
  return insertBelow(bare, lineEnd(bare, pair.key.range[1]), indent(lines, column + 2), false);
}

/** `[a, b]` and `{ a: b }`. */
function appendInline(text: string, collection: Node & { items: unknown[] }, line: string): string | undefined {
  const end = collection.range?.[1];
  if (end === undefined || !/[\]}]/.test(text[end - 1] ?? '')) return undefined;
  const closing = end - 1;
  const before = text.slice(0, closing).trimEnd();
  // Behind a comment, a comma would be part of it.
  if (/(^|\s)#.*$/.test(before)) return undefined;
  const comma = before.endsWith(',') ? '' : ',';
  return `${before}${comma} ${line.replace(/^- /, '')}${text.slice(before.length, closing)}${text.slice(closing)}`;
}

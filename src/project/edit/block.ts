import { isAlias, isMap, isPair, isScalar, isSeq, type Document, type Node, type Pair } from '../yaml.ts';

/** An entry of a map or an item of a list in block style, as lines of the text. */
export interface Entry {
  /** Offset at which the line of its dash or key begins; leading comments are part of it. */
  start: number;
  /** Offset behind its last line, without the line's end; comments indented deeper than it are part of it. */
  end: number;
  /** Columns before its dash or key. */
  indentation: number;
}

export type Step = string | number;

/** The collection at a path; undefined when there is none, or when an anchor is used for it, which others use as well. */
export function nodeAt(document: Document.Parsed, path: readonly Step[]): Node | undefined {
  let node: unknown = document.contents;
  for (const step of path) {
    if (isMap(node)) node = pairOf(node, String(step))?.value;
    else if (isSeq(node)) node = node.items[Number(step)];
    else return undefined;
    if (isAlias(node)) return undefined;
  }
  return node === null || node === undefined ? undefined : (node as Node);
}

/** The pair at a path; its value may be missing. */
export function pairAt(document: Document.Parsed, path: readonly Step[]): Pair | undefined {
  const parent = nodeAt(document, path.slice(0, -1));
  return isMap(parent) ? pairOf(parent, String(path.at(-1))) : undefined;
}

function pairOf(map: { items: Pair[] }, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

/**
 * The lines of each entry of a block collection; undefined when it is written in another form, such as `- - a`. `inItem`: the first key may
 * stand behind the dash of a list's item, whose line is then not its own.
 */
export function entriesOf(text: string, collection: { items: unknown[] }, inItem = false): Entry[] | undefined {
  const entries: Entry[] = [];
  for (const item of collection.items) {
    const at = markerOf(text, item);
    if (at === undefined) return undefined;
    const lineStart = text.lastIndexOf('\n', at) + 1;
    const before = text.slice(lineStart, at);
    if (before.trim() !== '' && !(inItem && /^\s*-\s+$/.test(before))) return undefined;
    const indentation = at - lineStart;
    const start = withLeadingComments(text, lineStart, indentation);
    entries.push({ start, end: withInnerComments(text, lineEnd(text, endOf(text, item)), indentation), indentation });
  }
  return entries;
}

/** Offset of the key, or of the dash of an item. */
function markerOf(text: string, item: unknown): number | undefined {
  if (isPair(item)) return isScalar(item.key) ? item.key.range?.[0] : undefined;
  const start = (item as Node | null)?.range?.[0];
  if (start === undefined) return undefined;
  const before = text.slice(0, start).trimEnd();
  return before.endsWith('-') ? before.length - 1 : undefined;
}

/** Offset behind the last character of a node, whatever is nested in it. */
function endOf(text: string, node: unknown): number {
  if (isPair(node)) return Math.max(endOf(text, node.key), node.value === null ? 0 : endOf(text, node.value));
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) return endOf(text, node.items.at(-1));
  const end = (node as Node | null)?.range?.[1] ?? 0;
  // A block scalar ends behind its last line's end.
  return text.slice(0, end).trimEnd().length;
}

export function lineEnd(text: string, offset: number): number {
  const at = text.indexOf('\n', offset);
  const end = at === -1 ? text.length : at;
  return text[end - 1] === '\r' ? end - 1 : end;
}

/** The line below the one that ends at `end`; undefined at the end of the text. */
function lineBelow(text: string, end: number): { start: number; end: number; line: string } | undefined {
  const newline = text.indexOf('\n', end);
  if (newline === -1 || newline + 1 >= text.length) return undefined;
  const start = newline + 1;
  const below = lineEnd(text, start);
  return { start, end: below, line: text.slice(start, below) };
}

function withInnerComments(text: string, end: number, indentation: number): number {
  let last = end;
  for (let next = lineBelow(text, end); next; next = lineBelow(text, next.end)) {
    if (next.line.trim() === '') continue;
    if (!/^\s*#/.test(next.line) || next.line.search(/\S/) <= indentation) break;
    last = next.end;
  }
  return last;
}

/** Comments that stand directly above, in the same column. */
function withLeadingComments(text: string, lineStart: number, indentation: number): number {
  let start = lineStart;
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    const line = text.slice(above, start);
    if (!/^\s*#/.test(line) || line.search(/\S/) !== indentation) break;
    start = above;
  }
  return start;
}

/** The line ending that a text uses. */
export function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

export function indent(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));
}

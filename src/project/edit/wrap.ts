import { isMap, parseYaml } from '../yaml.ts';
import { entriesOf, lineBreakOf, nodeAt, pairAt, type Step } from './block.ts';

/** Puts everything below `path` one level deeper, under `key`: comments go along. Undefined when it is no map. */
export function wrapIn(text: string, path: readonly Step[], key: string): string | undefined {
  const { document } = parseYaml(text, '');
  const map = nodeAt(document, path);
  if (!isMap(map) || !map.range) return undefined;
  if (map.flow) {
    const [start, end] = map.range;
    return `${text.slice(0, start)}{${key}: ${text.slice(start, end)}}${text.slice(end)}`;
  }
  const entries = entriesOf(text, map);
  const [first, last] = [entries?.[0], entries?.at(-1)];
  if (!first || !last) return undefined;
  const eol = lineBreakOf(text);
  const margin = ' '.repeat(first.indentation);
  const inner = text.slice(first.start, last.end).split(/\r?\n/);
  const deeper = inner.map((line) => (line === '' ? line : `  ${line}`)).join(eol);
  return `${text.slice(0, first.start)}${margin}${key}:${eol}${deeper}${text.slice(last.end)}`;
}

/** Gives a key another name. Undefined when it is not there, or when its map has the new name already. */
export function renameKey(text: string, path: readonly Step[], name: string): string | undefined {
  const { document } = parseYaml(text, '');
  const key = pairAt(document, path)?.key as { range?: readonly number[] } | undefined;
  if (!key?.range || pairAt(document, [...path.slice(0, -1), name])) return undefined;
  const [start = 0, end = 0] = key.range;
  return text.slice(0, start) + name + text.slice(end);
}

import { isMap, isPair, isScalar, parseYaml } from '../yaml.ts';
import { entriesOf, nodeAt, type Step } from './block.ts';

/** The lines of one entry of a block map as they stand, with their comments; of an inline map its text alone. Undefined: it is not there. */
export function entryLines(text: string, path: readonly Step[]): string[] | undefined {
  const { document } = parseYaml(text, '');
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : nodeAt(document, parentPath);
  if (!isMap(parent)) return undefined;
  const index = parent.items.findIndex(
    (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)),
  );
  if (index === -1) return undefined;
  if (parent.flow) {
    const { key, value } = parent.items[index] as { key: { range?: number[] }; value: { range?: number[] } | null };
    return [text.slice(key.range?.[0] ?? 0, value?.range?.[1] ?? key.range?.[1] ?? 0)];
  }
  const entry = entriesOf(text, parent)?.[index];
  return entry && text.slice(entry.start, entry.end).split(/\r?\n/);
}

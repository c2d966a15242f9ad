import { entryLines } from '../project/index.ts';

/** The lines of one entry, with its comments, as if it stood at the left margin. Undefined when it has a form of its own. */
export function linesAt(text: string, path: readonly (string | number)[]): string[] | undefined {
  const lines = entryLines(text, path);
  if (!lines) return undefined;
  const margin = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(margin));
}

import { isScalar, isSeq, parseYaml } from '../yaml.ts';
import { append } from './append.ts';
import { nodeAt, type Step } from './block.ts';
import { removeAt } from './remove.ts';

/** The words of a command line, written as a list or as one text; undefined when there is none. */
export function wordsAt(text: string, path: readonly Step[]): string[] | undefined {
  const node = nodeAt(parseYaml(text, '').document, path);
  if (isSeq(node)) return node.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  return isScalar(node) && typeof node.value === 'string' ? node.value.split(/\s+/) : undefined;
}

/** Adds one plain word at the end of a command line. */
export function appendWord(text: string, path: readonly Step[], word: string): string | undefined {
  const node = nodeAt(parseYaml(text, '').document, path);
  if (isSeq(node)) return append(text, path, [`- ${word}`]);
  const written = writtenAt(text, node);
  if (!written) return undefined;
  const at = /["']$/.test(written.source) ? written.end - 1 : written.end;
  return `${text.slice(0, at)} ${word}${text.slice(at)}`;
}

/** Takes one word, of letters, digits and dashes, out of a command line. */
export function removeWord(text: string, path: readonly Step[], word: string): string | undefined {
  const node = nodeAt(parseYaml(text, '').document, path);
  if (isSeq(node)) {
    const index = node.items.findIndex((item) => isScalar(item) && item.value === word);
    return index === -1 ? undefined : removeAt(text, [...path, index]);
  }
  const written = writtenAt(text, node);
  if (!written) return undefined;
  const shorter = written.source.replace(new RegExp(`\\s+${word}(?=["'\\s]|$)`), '');
  return shorter === written.source ? undefined : text.slice(0, written.start) + shorter + text.slice(written.end);
}

/** A text on one line, with its quotes. */
function writtenAt(text: string, node: unknown): { source: string; start: number; end: number } | undefined {
  if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return undefined;
  const [start, end] = node.range;
  const source = text.slice(start, end);
  return source.includes('\n') ? undefined : { source, start, end };
}

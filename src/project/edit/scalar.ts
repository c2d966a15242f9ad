import { isMap, isScalar, isSeq, parseYaml } from '../yaml.ts';
import { nodeAt, type Step } from './block.ts';

/** A plain scalar that no reader of YAML takes for anything else, outside of brackets; YAML 1.2 §7.3.3. */
const PLAIN = /^(?:\$\{|[\w./])(?:(?!: |:$| #)[^\n\r])*$/;

/**
 * Puts another text in the place of one that is there, a map's value or a list's item: in quotes where the old one was, or where brackets
 * around it ask for them. Undefined when no text stands there, or when an anchor does, which others use as well.
 */
export function replaceScalar(text: string, path: readonly Step[], value: string): string | undefined {
  const { document } = parseYaml(text, '');
  const node = nodeAt(document, path);
  if (!isScalar(node) || !node.range || node.anchor !== undefined) return undefined;
  const [start, end] = node.range;
  const source = text.slice(start, end);
  // A block scalar's end is the beginning of the next line.
  if (/^[|>]/.test(source)) return undefined;
  const isQuoted = /^["']/.test(source) || isInBrackets(document, path) || !PLAIN.test(value);
  return text.slice(0, start) + (isQuoted ? JSON.stringify(value) : value) + text.slice(end);
}

/** Whether any collection on the way to a path is written in brackets. */
export function isInBrackets(document: Parameters<typeof nodeAt>[0], path: readonly Step[]): boolean {
  return path.some((_, depth) => {
    const node = depth === 0 ? document.contents : nodeAt(document, path.slice(0, depth));
    return (isMap(node) || isSeq(node)) && node.flow === true;
  });
}

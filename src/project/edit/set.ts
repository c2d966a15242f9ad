import { isScalar, parseYaml } from '../yaml.ts';
import { append } from './append.ts';
import { nodeAt, pairAt, type Step } from './block.ts';

/**
 * Gives one key a plain value: in its place where it is there, else as a line of its own behind its neighbours. Everything else stays byte
 * for byte. Undefined when the file has a form there that has to be edited by hand.
 */
export function setValue(text: string, path: readonly Step[], value: string | number | boolean): string | undefined {
  const written = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const { document } = parseYaml(text, '');
  const pair = pairAt(document, path);
  if (!pair) return append(text, path.slice(0, -1), [`${String(path.at(-1))}: ${written}`]);
  const node = nodeAt(document, path);
  if (!isScalar(node) || !node.range) return undefined;
  return text.slice(0, node.range[0]) + written + text.slice(node.range[1]);
}

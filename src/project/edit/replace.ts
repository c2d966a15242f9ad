import { parseYaml } from '../yaml.ts';
import { lineEnd, pairAt, type Step } from './block.ts';

/** Puts other text in the place of a key's value, whatever that is, on the key's own line. Undefined when the key is not there. */
export function replaceValue(text: string, path: readonly Step[], written: string): string | undefined {
  const pair = pairAt(parseYaml(text, '').document, path);
  const key = pair?.key as { range?: readonly number[] } | undefined;
  if (!key?.range) return undefined;
  const colon = text.indexOf(':', key.range[1]) + 1;
  const value = pair?.value as { range?: readonly number[] | null } | null | undefined;
  const [start, end] = value?.range ?? [];
  if (start === undefined || end === undefined || start === end) {
    const rest = text.slice(colon, lineEnd(text, colon));
    return `${text.slice(0, colon)} ${written}${rest.trim() === '' ? '' : rest}${text.slice(lineEnd(text, colon))}`;
  }
  const last = text.slice(0, end).trimEnd().length;
  return `${text.slice(0, colon)} ${written}${text.slice(Math.max(last, colon))}`;
}

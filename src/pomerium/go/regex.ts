/**
 * RE2's notation as a JavaScript expression that must match the whole text, as Envoy matches routes. Throws SyntaxError for what is no
 * expression, and for what RE2 lacks.
 */
export function compileWhole(pattern: string): RegExp {
  const { source, flags } = translate(pattern);
  return new RegExp(`^(?:${source})$`, flags);
}

/** For a rewrite, which replaces every match. */
export function compileEvery(pattern: string): RegExp {
  const { source, flags } = translate(pattern);
  return new RegExp(source, `${flags}g`);
}

/** RE2 writes groups `\1` where JavaScript writes `$1`. */
export function translateSubstitution(substitution: string): string {
  return substitution
    .replaceAll('$', '$$$$')
    .replace(/\\(\d)/g, (_, digit: string) => (digit === '0' ? '$&' : `$${digit}`))
    .replaceAll('\\\\', '\\');
}

function translate(pattern: string): { source: string; flags: string } {
  if (/\(\?(?:=|!|<=|<!)/.test(pattern)) throw new SyntaxError('RE2 has no look-around');
  const leading = /^\(\?([is]+)\)/.exec(pattern);
  const source = (leading ? pattern.slice(leading[0].length) : pattern)
    .replaceAll('(?P<', '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$');
  return { source, flags: `u${leading?.[1] ?? ''}` };
}

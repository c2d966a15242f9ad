/**
 * Splits a command line into words as a POSIX shell would, without being one: quotes and backslashes count, variables, globs and
 * operators do not. Throws when a quote is left open.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    if (char === '\\' && quote !== "'" && i + 1 < line.length) {
      i += 1;
      // POSIX 2.2.3: between double quotes a backslash is itself unless it stands before one of these.
      const next = line.charAt(i);
      word = (word ?? '') + (quote === '"' && !'$`"\\'.includes(next) ? char : '') + next;
    } else if (quote) {
      if (char === quote) quote = '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + char;
  }
  if (quote) throw new Error(`a ${quote} is not closed in: ${line}`);
  if (word !== undefined) words.push(word);
  return words;
}

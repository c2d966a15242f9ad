import { parseEnv } from 'node:util';

/** Names and values of a `.env` file: quotes, `export`, comments and values over several lines; nothing is expanded. */
export function parseEnvFile(text: string): Record<string, string> {
  const values = parseEnv(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * `text` with other values for names that it has; comments, order and everything else stay. Throws when a name cannot be found in it:
 * an unnoticed old secret is worse than none.
 */
export function replaceInEnv(text: string, values: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [name, value] of Object.entries(values)) {
    // A quoted value may go over several lines; a comment may follow either kind.
    const quoted = `"[^"]*"|'[^']*'|\`[^\`]*\``;
    const line = new RegExp(
      `^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*)(?:${quoted}|[^\\n\\r#]*?)([ \\t]*(?:#[^\\n\\r]*)?\\r?)$`,
      'gm',
    );
    result = result.replace(line, (_whole, before: string, after: string) => `${before}${value}${after}`);
  }
  const read = parseEnvFile(result);
  const lost = Object.keys(values).filter((name) => read[name] !== values[name]);
  if (lost.length > 0) throw new Error(`${lost.join(', ')} could not be replaced in .env`);
  return result;
}

/** `text` with the names it lacks added at its end; nothing that stands there is touched. */
export function addMissingToEnv(
  text: string,
  wanted: Readonly<Record<string, string>>,
): { text: string; added: string[] } {
  const has = parseEnvFile(text);
  // An empty value counts as missing: Pomerium and Compose both treat it so.
  const added = Object.keys(wanted).filter((name) => !has[name] && wanted[name] !== '');
  if (added.length === 0) return { text, added };
  const lines = added.map((name) => `${name}=${wanted[name] ?? ''}`);
  return { text: `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${lines.join('\n')}\n`, added };
}

/** A value as it stands in `.env` for Compose and for Node alike; undefined when no way of quoting keeps it. */
export function quoteForEnv(value: string): string | undefined {
  if (/[\r\n]/.test(value)) return undefined;
  if (/^[\w./+=:@~-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  // Between double quotes Compose fills in variables and reads escapes.
  return /["$`\\]/.test(value) ? undefined : `"${value}"`;
}

/** `text` without the lines that give values to names; comments and everything else stay. */
export function removeFromEnv(text: string, names: readonly string[]): string {
  return names.reduce((shorter, name) => {
    const line = new RegExp(
      `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:"[^"]*"|'[^']*'|\`[^\`]*\`|[^\\n\\r]*)[^\\n]*(?:\\n|$)`,
      'gm',
    );
    return shorter.replace(line, '');
  }, text);
}

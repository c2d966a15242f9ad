import { parseJson } from '../json.ts';
import { usage } from '../errors.ts';
import type { Tool } from '../mcp/index.ts';
import { nearest } from '../nearest.ts';
import { flagsOf, isSchema, type ToolFlag } from './tool-flags.ts';

/** Arguments from JSON and from flags, flags winning. Everything that is wrong or missing is told at once. */
export function parseToolArguments(
  tool: Tool,
  words: readonly string[],
  jsonArgs: string | undefined,
  command: string,
): Record<string, unknown> {
  const flags = flagsOf(tool);
  const args = jsonArgs === undefined ? {} : parseJsonArgs(jsonArgs);
  const faults: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const equals = word.indexOf('=');
    const name = equals === -1 ? word : word.slice(0, equals);
    const { flag, negated } = findFlag(flags, name);
    if (!flag) {
      faults.push(unknownWord(word, name, flags));
      // What follows an unknown flag is most likely its value.
      if (equals === -1 && word.startsWith('--') && words[i + 1]?.startsWith('--') === false) i += 1;
    } else if (flag.kind === 'boolean' && !flag.many && equals === -1) args[flag.property] = !negated;
    else {
      const text = equals === -1 ? words[(i += 1)] : word.slice(equals + 1);
      const value = text === undefined ? { fault: `${name} needs a value` } : parseValue(flag, text);
      if ('fault' in value) faults.push(value.fault);
      else args[flag.property] = flag.many ? appended(args[flag.property], value) : value.value;
    }
  }
  const missing = flags.filter((flag) => flag.required && args[flag.property] === undefined).map(({ flag }) => flag);
  if (missing.length > 0) faults.push(`missing: ${missing.join(', ')}`);
  if (faults.length > 0) throw usage(`${tool.name}: ${faults.join('; ')}`, `${command} --help`);
  return args;
}

/** Names may be typed with `_` or `-`; `--no-x` turns the boolean `x` off. */
function findFlag(flags: readonly ToolFlag[], name: string): { flag?: ToolFlag; negated: boolean } {
  const plain = name.replaceAll('_', '-');
  const exact = flags.find(({ flag }) => flag === plain);
  if (exact) return { flag: exact, negated: false };
  const off = flags.find(
    ({ flag, kind, many }) => kind === 'boolean' && !many && plain === flag.replace(/^--/, '--no-'),
  );
  return off ? { flag: off, negated: true } : { negated: false };
}

function unknownWord(word: string, name: string, flags: readonly ToolFlag[]): string {
  if (!word.startsWith('-')) return `\`${word}\` belongs to no flag`;
  const close = nearest(
    name,
    flags.map(({ flag }) => flag),
  );
  return `${name} is unknown${close ? `; did you mean ${close}?` : ''}`;
}

type Parsed = { value: unknown } | { fault: string };

function parseValue({ flag, kind, many, choices }: ToolFlag, text: string): Parsed {
  if (many && text.startsWith('[')) {
    const list = parseJson(text);
    if (Array.isArray(list)) return { value: list };
  }
  if (choices) return chosen(flag, choices, text);
  switch (kind) {
    case 'string':
      return { value: text };
    case 'number':
    case 'integer': {
      const value = Number(text);
      const isGood = text.trim() !== '' && Number.isFinite(value) && (kind === 'number' || Number.isSafeInteger(value));
      return isGood
        ? { value }
        : { fault: `${flag}: \`${text}\` is no ${kind === 'integer' ? 'whole number' : 'number'}` };
    }
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : { fault: `${flag}: \`${text}\` is neither true nor false` };
    default: {
      const value = parseJson(text);
      return value === undefined ? { fault: `${flag}: the value is no JSON` } : { value };
    }
  }
}

function chosen(flag: string, choices: readonly unknown[], text: string): Parsed {
  const found = choices.find((choice) => String(choice) === text);
  if (found !== undefined) return { value: found };
  const names = choices.map(String);
  const close = nearest(text, names);
  return { fault: `${flag}: \`${text}\` is not one of ${names.join(', ')}${close ? `; did you mean ${close}?` : ''}` };
}

function appended(before: unknown, { value }: { value: unknown }): unknown[] {
  const held: unknown[] = Array.isArray(before) ? before : [];
  return Array.isArray(value) ? [...held, ...value] : [...held, value];
}

function parseJsonArgs(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (isSchema(value)) return { ...value };
  throw usage('--json-args is no JSON object', `--json-args '{"name": "value"}'`);
}

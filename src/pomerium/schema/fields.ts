import { isRecord } from '../../json.ts';
import { z } from 'zod';
import { parseDuration } from '../go/duration.ts';

/*
 * The types of Pomerium's options. Pomerium decodes weakly (viper with mapstructure's WeaklyTypedInput): `"30"` is a number, `1` a
 * boolean, a comma-separated text a list, a JSON text a mapping. A null is no value at all.
 */

const isNone = (value: unknown): value is null | undefined => value === null || value === undefined;

/** A type made of one conversion, which throws an Error with Pomerium's words. */
function field<T>(convert: (value: unknown) => T) {
  return z
    .unknown()
    .transform((value, context): T | undefined => {
      if (isNone(value)) return undefined;
      try {
        return convert(value);
      } catch (error) {
        const params = error instanceof EntryError ? { entry: error.entry } : {};
        context.issues.push({ code: 'custom', message: (error as Error).message, params, input: value });
        return z.NEVER;
      }
    })
    .optional();
}

/** mapstructure names a value's Go type. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isRecord(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new Error(`expected type 'string', got unconvertible type '${goType(value)}'`);
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value === '' || (typeof value === 'string' && /^(0|f|F|FALSE|false|False)$/.test(value))) return false;
  if (typeof value === 'string' && /^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (typeof value === 'string') throw new Error(`cannot parse value as 'bool': strconv.ParseBool: invalid syntax`);
  throw new Error(`expected type 'bool', got unconvertible type '${goType(value)}'`);
}

function toInteger(value: unknown, type: string, smallest: number, largest: number): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const parser = smallest < 0 ? 'ParseInt' : 'ParseUint';
  if (typeof value === 'string') {
    const number = value === '' ? 0 : Number(value);
    if (!/^[+-]?(\d+|0[xob][\da-f]+)?$/i.test(value) || !Number.isInteger(number))
      throw new Error(`cannot parse value as '${type}': strconv.${parser}: invalid syntax`);
    if (number < smallest || number > largest)
      throw new Error(`cannot parse value as '${type}': strconv.${parser}: value out of range`);
    return number;
  }
  if (typeof value !== 'number') throw new Error(`expected type '${type}', got unconvertible type '${goType(value)}'`);
  const whole = Math.trunc(value);
  // A number that does not fit wraps around, as Go's conversion does; one that fits must not meet the arithmetic, which rounds.
  return whole >= smallest && whole <= largest ? whole : wrap(whole, smallest, largest);
}

function wrap(value: number, smallest: number, largest: number): number {
  const size = largest - smallest + 1;
  return ((((value - smallest) % size) + size) % size) + smallest;
}

function toList(value: unknown): string[] {
  if (Array.isArray(value)) return value.map((item) => toText(item ?? ''));
  if (typeof value === 'string') return value === '' ? [] : value.split(',');
  return [toText(value)];
}

function toMap(value: unknown): Record<string, unknown> {
  if (typeof value === 'string') {
    const parsed: unknown = value === '' ? {} : JSON.parse(value);
    if (isRecord(parsed)) return parsed;
  }
  if (isRecord(value)) return value;
  if (Array.isArray(value) && value.every(isRecord)) return Object.assign({}, ...value) as Record<string, unknown>;
  throw new Error(`expected a map or struct, got "${typeof value === 'string' ? 'string' : goType(value)}"`);
}

function toTextMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(toMap(value)).map(([key, item]) => [key, toText(item ?? '')]));
}

function toDuration(value: unknown): number {
  // A bare number is a count of nanoseconds, as Go keeps durations.
  if (typeof value === 'number') return value / 1e6;
  const text = toText(value);
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  const reason =
    text === '' || !/^[+-]?[\d.]/.test(text)
      ? 'invalid duration'
      : /[a-zµμ]/i.test(text)
        ? 'unknown unit or invalid duration'
        : 'missing unit in duration';
  throw new Error(`time: ${reason} ${JSON.stringify(text)}`);
}

export const text = field(toText);
export const bool = field(toBoolean);
export const uint32 = field((value) => toInteger(value, 'uint32', 0, 2 ** 32 - 1));
export const int32 = field((value) => toInteger(value, 'int32', -(2 ** 31), 2 ** 31 - 1));
export const int64 = field((value) => toInteger(value, 'int64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
export const float = field((value) => {
  const number = typeof value === 'number' ? value : Number(toText(value));
  if (Number.isNaN(number)) throw new Error(`cannot parse value as 'float64': strconv.ParseFloat: invalid syntax`);
  return number;
});
export const list = field(toList);
export const textMap = field(toTextMap);
/** Milliseconds. */
export const duration = field(toDuration);
/** Looked into by nobody here. */
export const anything = z.unknown().optional();

/** A mapping of booleans; the key in error stands in Pomerium's message. */
export const boolMap = field((value) => {
  const flags: Record<string, boolean> = {};
  for (const [flag, item] of Object.entries(toMap(value))) {
    try {
      flags[flag] = toBoolean(item ?? false);
    } catch (error) {
      throw new EntryError(flag, (error as Error).message);
    }
  }
  return flags;
});

/** An error of one entry of a mapping, which Pomerium writes `key[entry]`. */
export class EntryError extends Error {
  readonly entry: string;
  constructor(entry: string, message: string) {
    super(message);
    this.entry = entry;
  }
}

/** A mapping with these keys only; what else it holds is reported by its name. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .preprocess(
      (value) => (isNone(value) ? undefined : typeof value === 'string' ? parseJson(value) : value),
      z.strictObject(shape).optional(),
    )
    .optional();
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A list of such mappings; a single one stands for a list of one. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .preprocess(
      (value) => (isNone(value) || value === '' ? undefined : Array.isArray(value) ? value : [value]),
      z.array(item).optional(),
    )
    .optional();
}

/** One of a protobuf enumeration's values, whose names may be shortened to what follows `prefix`, in any case. */
export function enumeration<const Values extends Record<string, string>>(name: string, prefix: string, values: Values) {
  return field((value): Values[keyof Values] | undefined => {
    const word = typeof value === 'string' ? value.toUpperCase() : undefined;
    if (word === undefined) return undefined;
    const short = word.startsWith(prefix) ? word.slice(prefix.length) : word;
    for (const [key, meaning] of Object.entries(values) as [string, Values[keyof Values]][]) {
      if (short === key || key.endsWith(`_${word}`)) return meaning;
    }
    if (word === '') return Object.values(values)[0] as Values[keyof Values];
    throw new Error(`unsupported enum value ${String(value)} for ${name}`);
  });
}

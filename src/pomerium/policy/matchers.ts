import { isRecord } from '../../json.ts';

/** Says whether a value passes. `undefined` stands for what Rego calls undefined: nothing matches it, except where noted. */
export type StringMatcher = (value: string | undefined) => boolean;
export type ListMatcher = (values: readonly unknown[]) => boolean;

/** A matcher that Pomerium cannot build; the message is the end of its log line. */
export class MatcherError extends Error {}

/** JSON equality as in Rego: objects by members, arrays by order. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

function needText(operator: string, data: unknown): string {
  if (typeof data !== 'string') throw new MatcherError(`${operator}: invalid argument(s)`);
  return data;
}

function needList(operator: string, data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) throw new MatcherError(`${operator} matcher requires an array of strings`);
  return data;
}

function makeStringMatcher(operator: string, data: unknown): StringMatcher {
  switch (operator) {
    case 'is':
      return (value) => value !== undefined && value === data;
    case 'not':
      return (value) => value !== undefined && value !== data;
    case 'contains': {
      const text = needText('contains', data);
      return (value) => value?.includes(text) === true;
    }
    case 'starts_with': {
      const text = needText('startswith', data);
      return (value) => value?.startsWith(text) === true;
    }
    case 'ends_with': {
      const text = needText('endswith', data);
      return (value) => value?.endsWith(text) === true;
    }
    case 'in': {
      const set = new Set(needList('in', data));
      return (value) => value !== undefined && set.has(value);
    }
    case 'not_in': {
      const set = new Set(needList('not_in', data));
      return (value) => value !== undefined && !set.has(value);
    }
    default:
      throw new MatcherError(`unknown string matcher operator: ${operator}`);
  }
}

/** All operators of an object must pass; a plain value means `is`. Throws MatcherError. */
export function compileStringMatcher(data: unknown): StringMatcher {
  const operators = isRecord(data) ? data : { is: data };
  const matchers = Object.entries(operators).map(([operator, value]) => makeStringMatcher(operator, value));
  const only = matchers[0];
  return matchers.length === 1 && only ? only : (value) => matchers.every((matches) => matches(value));
}

function makeListMatcher(operator: string, data: unknown): ListMatcher {
  switch (operator) {
    case 'has':
      return (values) => values.some((value) => isEqual(value, data));
    case 'is':
      return (values) => values.length === 1 && isEqual(values[0], data);
    case 'exclude':
      return (values) => !values.some((value) => isEqual(value, data));
    default:
      throw new MatcherError(`unknown string list matcher operator: ${operator}`);
  }
}

/** A plain value means `has`. Throws MatcherError. */
export function compileListMatcher(data: unknown): ListMatcher {
  const operators = isRecord(data) ? data : { has: data };
  const matchers = Object.entries(operators).map(([operator, value]) => makeListMatcher(operator, value));
  const only = matchers[0];
  return matchers.length === 1 && only ? only : (values) => matchers.every((matches) => matches(values));
}

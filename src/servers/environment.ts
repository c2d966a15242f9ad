import { usage } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A whole number above 0; undefined when the variable is not set. Throws a CliError for anything else. */
export function numberFrom(env: Environment, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw usage(`${name} is \`${text}\`, which is no whole number above 0`, `unset ${name}, or set it to a number`);
}

export function listFrom(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The base URL of an API; undefined when the variable is not set. Throws a CliError for anything else. */
export function apiUrlFrom(env: Environment, name: string, usual: string): string | undefined {
  const text = env[name];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isHttp && url.username === '' && url.search === '' && url.hash === '') return url.href;
  throw usage(`${name} is no base URL of an API`, `unset ${name}, or set it to a URL like ${usual}`);
}

/** Only what is set, so that the rest keeps its default. */
export function withoutUndefined<T extends object>(values: T): Partial<T> {
  // Object.fromEntries forgets the names that `values` had.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

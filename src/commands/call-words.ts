import { usage } from '../errors.ts';
import type { SignInOptions } from './sign-in.ts';

/** A command line of `call`, taken apart: our own flags, and what is left for the tool. */
export interface CallWords {
  tool?: string;
  toolWords: string[];
  signIn: SignInOptions;
  jsonArgs?: string;
  help: boolean;
  json: boolean;
  /** False with --no-input. */
  input: boolean;
  cwd?: string;
}

export interface RawWords extends SignInOptions {
  tool?: string;
  jsonArgs?: string;
  rest?: string[];
}

/** Flags of ours that take a value, and the option that each sets. */
const VALUED: Record<string, keyof SignInOptions | 'jsonArgs' | 'cwd'> = {
  '--as': 'as',
  '--scope': 'scope',
  '--client-id': 'clientId',
  '--client-secret': 'clientSecret',
  '--client-metadata-url': 'clientMetadataUrl',
  '--callback-port': 'callbackPort',
  '--timeout': 'timeout',
  '--json-args': 'jsonArgs',
  '--cwd': 'cwd',
  '-C': 'cwd',
};
const NUMBERS = ['--callback-port', '--timeout'];
const PLAIN = [
  '--help',
  '-h',
  '--json',
  '--no-input',
  '--no-browser',
  '--no-color',
  '--quiet',
  '-q',
  '--verbose',
  '-v',
];

/** Names of tools' parameters that would hide behind a flag of ours; they are given as `--arg-<name>`. */
export function isReserved(flag: string): boolean {
  return flag in VALUED || PLAIN.includes(flag);
}

/** Splits the words after the route. Our flags may stand anywhere before `--`; the first other word is the tool. */
export function readCallWords({ tool, rest = [], jsonArgs, ...signIn }: RawWords): CallWords {
  const words = [...(tool === undefined ? [] : [tool]), ...rest];
  const taken: Record<string, unknown> = { ...signIn, jsonArgs };
  const seen = new Set<string>();
  const others: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (word === '--') {
      others.push(...words.slice(i + 1));
      break;
    }
    const [flag, inline] = splitInline(word);
    const name = VALUED[flag];
    if (name !== undefined) {
      const value = inline ?? words[(i += 1)];
      if (value === undefined) throw usage(`${flag} needs a value`, `${flag} <value>`);
      taken[name] = NUMBERS.includes(flag) ? numberOf(flag, value) : value;
    } else if (PLAIN.includes(word)) seen.add(word);
    else others.push(word);
  }
  const has = (...flags: string[]): boolean => flags.some((flag) => seen.has(flag));
  const { jsonArgs: json, cwd, ...options } = taken as SignInOptions & { jsonArgs?: string; cwd?: string };
  const [first] = others;
  const named = first !== undefined && !first.startsWith('-') ? first : undefined;
  return {
    ...(named === undefined ? {} : { tool: named }),
    toolWords: named === undefined ? others : others.slice(1),
    signIn: { ...options, ...(has('--no-browser') ? { browser: false } : {}) },
    ...(json === undefined ? {} : { jsonArgs: json }),
    help: has('--help', '-h'),
    json: has('--json'),
    input: !has('--no-input'),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

function splitInline(word: string): [string, string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

function numberOf(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw usage(`${flag}: \`${text}\` is no number`, `${flag} 300`);
  return value;
}

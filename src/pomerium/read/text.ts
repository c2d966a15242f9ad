import { isRecord } from '../../json.ts';
import type { Position, Problem } from '../model.ts';
import { readYaml, type Source, type SourceError } from './yaml-source.ts';

/** Characters. What a person wrote is far below; reading more would only keep everybody waiting. */
const LARGEST_TEXT = 1024 * 1024;
const DEEPEST_BRACKETS = 500;

export interface ReadText {
  /** Undefined: the text cannot be read, which the problems say. */
  source?: Source;
  data: Record<string, unknown>;
  problems: Problem[];
}

type Failure = Omit<Problem, 'severity' | 'path'>;
/** Pomerium's text for what its parser says. */
type Parsing = (reason: string) => string | undefined;

const fail = (failure: Failure): ReadText => ({ data: {}, problems: [{ severity: 'error', path: '', ...failure }] });

/** Reads the file's text into data by the file's extension, as viper does. */
export function readText(text: string, file: string): ReadText {
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  const unreadable = wrongType(extension, file) ?? wrongSize(text, file);
  if (unreadable) return fail(unreadable);
  const parsing: Parsing = (reason) => `${readFailure(file)}While parsing config: ${reason}`;
  if (extension !== 'json') return readMarkup(text, file, parsing);
  const failure = jsonFailure(text, file, parsing);
  if (failure) return fail(failure);
  // What only YAML refuses, such as a key that is there twice, Go's JSON reader takes.
  return readMarkup(text, file, () => undefined);
}

const readFailure = (file: string): string =>
  `config: options from config file ${JSON.stringify(file)}: failed to read config: `;

function wrongType(extension: string, file: string): Failure | undefined {
  if (['yaml', 'yml', 'json'].includes(extension)) return undefined;
  const fix = 'write the configuration as YAML, in a file named pomerium-config.yaml';
  if (extension === 'toml') {
    const why = 'Pomerium reads TOML too; this program reads YAML and JSON.';
    return { code: 'TOML', message: `${file} is a TOML file`, why, fix };
  }
  const why = 'Pomerium tells from the end of the name how to read the file.';
  const pomerium = `${readFailure(file)}Unsupported Config Type ${JSON.stringify(extension)}`;
  return { code: 'UNSUPPORTED_TYPE', message: `${file} ends neither in .yaml nor in .json`, why, fix, pomerium };
}

function wrongSize(text: string, file: string): Failure | undefined {
  const fix = 'check that this is the right file';
  if (text.length > LARGEST_TEXT) {
    const size = `${(text.length / LARGEST_TEXT).toFixed(1)} MiB`;
    return { code: 'FILE_TOO_LARGE', message: `${file} has ${size}; at most 1 MiB is read`, fix };
  }
  if (bracketDepth(text) <= DEEPEST_BRACKETS) return undefined;
  return { code: 'TOO_DEEP', message: `${file} nests brackets more than ${DEEPEST_BRACKETS} deep`, fix };
}

function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const bracket of text.matchAll(/[[\]{}]/g)) {
    depth += bracket[0] === '[' || bracket[0] === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function jsonFailure(text: string, file: string, parsing: Parsing): Failure | undefined {
  try {
    const data: unknown = JSON.parse(text);
    if (data === null || isRecord(data)) return undefined;
    const type = Array.isArray(data) ? 'array' : typeof data === 'boolean' ? 'bool' : typeof data;
    const fix = 'write an object with keys and values';
    const pomerium = parsing(`json: cannot unmarshal ${type} into Go value of type map[string]interface {}`);
    return { code: 'NO_MAPPING', message: `${file} holds no JSON object`, fix, pomerium };
  } catch (error) {
    // The engine's message quotes the text, in which secrets may stand.
    const offset = Number(/at position (\d+)/.exec((error as Error).message)?.[1] ?? text.length);
    const truncated = offset >= text.length;
    return {
      code: 'BAD_JSON',
      message: `${file} is no JSON: it ${truncated ? 'ends too early' : 'breaks off here'}`,
      fix: 'correct the text at this place',
      position: positionAt(text, offset),
      pomerium: parsing(truncated ? 'unexpected end of JSON input' : 'invalid character'),
    };
  }
}

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function readMarkup(text: string, file: string, parsing: Parsing): ReadText {
  const source = readYaml(text);
  if (source.errors.length > 0) return { data: {}, problems: source.errors.map((error) => toProblem(error, parsing)) };
  const { data } = source;
  if (isRecord(data)) return { source, data, problems: [] };
  if (data === null || data === undefined) {
    const why =
      'Pomerium accepts an empty file: it starts without routes, and on a reload drops every route and, with the memory store, every session.';
    return fail({
      code: 'EMPTY_FILE',
      message: `${file} is empty`,
      why,
      fix: 'write at least `routes:` with one route',
    });
  }
  const kind = Array.isArray(data) ? 'a list' : `the text ${JSON.stringify(data).slice(0, 40)}`;
  const reason = Array.isArray(data)
    ? 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]interface {}'
    : 'yaml: unmarshal errors';
  return fail({
    code: 'NO_MAPPING',
    message: `${file} holds ${kind} where keys are expected`,
    fix: 'write keys and values, such as `routes: []`',
    pomerium: parsing(reason),
  });
}

/** Problems of YAML with a code of their own. */
const CODES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'DUPLICATE_KEY',
  MULTIPLE_DOCS: 'MULTIPLE_DOCS',
  ALIAS_BOMB: 'ALIAS_BOMB',
  BAD_ALIAS: 'BAD_ALIAS',
  RESOURCE_EXHAUSTION: 'TOO_DEEP',
};

const FIXES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'keep one of the two',
  MULTIPLE_DOCS: 'delete what follows the line `---`',
  TAB_AS_INDENT: 'indent with spaces',
  ALIAS_BOMB: 'write the values out',
  BAD_ALIAS: 'correct the name behind `*`',
};

function toProblem({ code, message, position, pomerium: reason }: SourceError, parsing: Parsing): Problem {
  const text = reason === undefined ? undefined : parsing(`yaml: ${reason}`);
  return {
    code: CODES[code] ?? 'BAD_YAML',
    severity: 'error',
    path: '',
    message,
    fix: FIXES[code] ?? 'correct the text at this place',
    ...(text !== undefined && { pomerium: text }),
    ...(position && { position }),
  };
}

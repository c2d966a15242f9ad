import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import type { RunningGateway } from '../gateway/index.ts';
import { namedFiles, parseConfig, type ParsedConfig } from '../pomerium/index.ts';
import { errorFailure, optionsOrThrow, problemFailure, type Attempt } from '../stack/index.ts';
import { systemError } from '../system-error.ts';

/** A configuration as it was read, with every file that had a part in it. */
export interface ReadConfiguration {
  text: string;
  parsed: ParsedConfig;
  /** Absolute paths and texts. */
  files: ReadonlyMap<string, string | undefined>;
}

/** `name` is the file as messages call it. Throws CliError when the file itself cannot be read. */
export async function readConfiguration(ctx: Ctx, file: string, name: string): Promise<ReadConfiguration> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw systemError(error) ?? unreadable(name, error);
  });
  return parse(ctx, { file, name, text });
}

/** What the command started with, for those who watch it from there on. */
export function attemptOf({ parsed, files }: ReadConfiguration): Attempt {
  return { files, isHot: parsed.options?.runtime_flags['config_hot_reload'] };
}

/** Reads everything again and puts it in force; when it cannot be, says why. */
export async function reloadFrom(ctx: Ctx, file: string, name: string, gateway: RunningGateway): Promise<Attempt> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { files: new Map([[file, '']]), isHot: undefined, failure: readFailure(name, error) };
  }
  const read = parse(ctx, { file, name, text });
  const attempt = attemptOf(read);
  const failure = problemFailure(read.parsed.problems, name);
  if (failure) return { ...attempt, failure };
  try {
    gateway.reload(optionsOrThrow(read.parsed, read.text, name));
    return attempt;
  } catch (error) {
    return { ...attempt, failure: errorFailure(error) };
  }
}

/** Files that a configuration names are relative to where Pomerium was started. */
export function namedFileReader({ cwd }: Pick<Ctx, 'cwd'>): (path: string) => string {
  return (path) => readFileSync(resolve(cwd, path), 'utf8');
}

function parse(ctx: Ctx, { file, name, text }: { file: string; name: string; text: string }): ReadConfiguration {
  const files = new Map<string, string | undefined>([[file, text]]);
  const read = namedFileReader(ctx);
  const absolute = (path: string): string => resolve(ctx.cwd, path);
  const readNamed = (path: string): string => {
    const place = absolute(path);
    // Also watched when it is missing, since it may come.
    files.set(place, '');
    const content = read(path);
    files.set(place, content);
    return content;
  };
  const parsed = parseConfig(text, { file: name, env: ctx.env, readFile: readNamed });
  for (const path of parsed.options ? namedFiles(parsed.options) : []) {
    const place = absolute(path);
    if (!files.has(place)) files.set(place, undefined);
  }
  return { text, parsed, files };
}

/** Go's words. */
function readFailure(name: string, error: unknown): { error: string } {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const reason = missing ? `open ${name}: no such file or directory` : errorFailure(error).error;
  return { error: `config: options from config file ${JSON.stringify(name)}: failed to read config: ${reason}` };
}

export function unreadable(name: string, cause: unknown): CliError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CliError({
    code: 'CONFIG_UNREADABLE',
    message: `${name} cannot be read`,
    why,
    fix: 'mcpgw gateway --config <file>',
    cause,
  });
}

import { CliError } from '../errors.ts';
import type { Options, Problem } from '../pomerium/model.ts';
import type { ParsedConfig } from '../pomerium/index.ts';
import { codeFrame } from '../project/code-frame.ts';

const MAX_SHOWN = 5;

/** The options of a configuration that may be started; throws what is wrong with it, with place and code frame. */
export function optionsOrThrow(parsed: ParsedConfig, text: string, file: string): Options {
  const errors = parsed.problems.filter((problem) => problem.severity === 'error');
  if (parsed.options && errors.length === 0) return parsed.options;
  throw configError(errors, text, file);
}

/** One error for all problems of a file; the first one is told in full. */
export function configError(problems: readonly Problem[], text: string, file: string): CliError {
  const [first, ...others] = problems;
  const why = first
    ? [...reasons(first, text), ...others.slice(0, MAX_SHOWN - 1).map((problem) => `also ${place(problem, file)}`)]
    : [];
  if (problems.length > MAX_SHOWN) why.push(`and ${problems.length - MAX_SHOWN} more`);
  return new CliError({
    code: first?.code ?? 'CONFIG_INVALID',
    message: first ? place(first, file) : `${file} cannot be used`,
    ...(why.length > 0 ? { why: why.join('\n') } : {}),
    fix: first?.fix ?? `edit ${file}${first?.position ? ` at line ${first.position.line}` : ''}`,
    details: { problems: problems.map(({ code, message, path, position }) => ({ code, message, path, ...position })) },
  });
}

/** `pomerium-config.yaml:12:5: what is wrong`, as editors and terminals make a link of it. */
export function place({ position, message }: Problem, file: string): string {
  return `${file}${position ? `:${position.line}:${position.column}` : ''}: ${message}`;
}

function reasons({ position, why, pomerium }: Problem, text: string): string[] {
  const lines = position ? [codeFrame(text, position)] : [];
  if (why) lines.push(why);
  if (pomerium) lines.push(`Pomerium refuses to start with: ${pomerium}`);
  return lines;
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stateFolder } from '../context-node.ts';
import { CliError, usage } from '../errors.ts';
import { plainText } from '../plain-text.ts';
import type { Style } from './style.ts';
import { wrap } from './table.ts';

/** An error as it is shown: what, why, fix, and the stable code. Any of them may quote what a server or a file said. */
export function errorScreen(error: CliError, style: Style): string {
  const width = style.width - 4;
  const lines = [...wrap(plainText(error.message), width)].map((line, i) =>
    i === 0 ? `${style.bad('✗')} ${line}` : `  ${line}`,
  );
  if (error.why) lines.push(...reason(plainText(error.why), width).map((line) => `  ${style.dim(line)}`));
  const [first = '', ...rest] = plainText(error.fix).split('\n');
  lines.push(`  ${style.bold('Fix:')} ${first}`, ...rest.map((line) => `       ${line}`));
  lines.push(`  ${style.dim(`${error.code} · exit ${error.exit}`)}`);
  return `${lines.join('\n')}\n`;
}

/** Code frames keep their line breaks and blanks. */
function reason(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => (/^[ >]|\s{2}/.test(line) ? [line] : wrap(line, width)));
}

/** The same for `--json`. */
export function errorDocument(error: CliError): Record<string, unknown> {
  const { code, message, why, fix, exit, details } = error;
  return { ok: false, error: { code, message, ...(why ? { why } : {}), fix, exit, ...(details ? { details } : {}) } };
}

/** Wrong words on the command line, as commander reports them; `line` is what the right one begins with: `mcpgw up`. */
export function usageError(error: Error, line: string): CliError {
  const [first = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const message = first
    .replaceAll(/'([^']*)'/g, '`$1`')
    .replace(/^option (`[^`]+`) argument (`[^`]*`) is invalid\. /, '$1: $2 ')
    .replace(/^option (`[^`]+`) argument missing$/, '$1 needs a value')
    .replace(/^missing required argument `(.+)`$/, '<$1> is missing')
    .replace(/^too many arguments for .*?: (.+)\.$/, 'too many words: $1');
  const meant = /Did you mean (--[\w-]+)\?/.exec(suggestion)?.[1];
  return usage(message, meant === undefined ? `${line} --help` : `${line} ${meant}`);
}

/** Something nobody foresaw: the stack goes to a file, the user gets its path and where to report it. */
export async function describeBug(
  error: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Promise<CliError> {
  const message = error instanceof Error ? error.message : String(error);
  const folder = stateFolder(env, process.platform);
  const log = join(folder, 'last-error.log');
  const text = error instanceof Error ? `${error.stack ?? message}\n${causeOf(error)}` : message;
  const written = await writeLog(folder, log, text);
  return new CliError({
    code: 'UNEXPECTED',
    message,
    why: written
      ? `this is a fault of mcpgw itself; details: ${log}`
      : 'this is a fault of mcpgw itself; --debug shows details',
    fix: `run it again with --debug and report what it prints${written ? ' together with that file' : ''}`,
    cause: error,
  });
}

async function writeLog(folder: string, file: string, text: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? `caused by: ${error.cause.stack ?? error.cause.message}` : '';
}

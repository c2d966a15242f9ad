import { Chalk } from 'chalk';
import type { OutputStream } from '../context.ts';
import type { Style } from './style.ts';

const DEFAULT_WIDTH = 80;

/** Colours for one stream: NO_COLOR and --no-color win, then FORCE_COLOR, then whether it is a terminal. */
export function styleFor(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  noColour = false,
): Style {
  const colour = wantsColour(stream, env, noColour);
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  return {
    ok: (text) => chalk.green(text),
    warn: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
    width: Math.max(40, stream.columns ?? (Number(env['COLUMNS']) || DEFAULT_WIDTH)),
    colour,
  };
}

function wantsColour(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  noColour: boolean,
): boolean {
  if (noColour || (env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

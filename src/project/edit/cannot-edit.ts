import { CliError } from '../../errors.ts';
import type { COMPOSE_FILE, CONFIG_FILE } from '../paths.ts';

/** A file that has a form of its own where something is to be changed; `by hand` says what is to be written there. */
export function cannotEdit(
  file: typeof CONFIG_FILE | typeof COMPOSE_FILE,
  path: readonly (string | number)[],
  byHand: string,
): CliError {
  return new CliError({
    code: 'CANNOT_EDIT',
    message: `${file} cannot be changed at \`${path.join('.')}\` without changing its form`,
    why: 'an anchor, a comment within brackets or entries in brackets stand there; nothing was written',
    fix: `edit ${file} by hand:\n${byHand}`,
  });
}

/** The changed text, or the error that says what to do by hand. */
export function edited(
  text: string | undefined,
  file: typeof CONFIG_FILE | typeof COMPOSE_FILE,
  path: readonly (string | number)[],
  byHand: string,
): string {
  if (text === undefined) throw cannotEdit(file, path, byHand);
  return text;
}

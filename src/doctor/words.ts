import { relative } from 'node:path';
import { plainLine, plainText } from '../plain-text.ts';
import { shellWord as quoted } from '../shell-word.ts';

/** `1 route`, `2 routes`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A path as a word of a shell's line, relative to where doctor was started when that is shorter. */
export function shellPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path) || '.';
  return shellWord(fromHere.length < path.length ? fromHere : path);
}

/** Quoted where a shell would see more than a word in it: names that servers give end up in lines to paste. */
export function shellWord(text: string): string {
  return quoted(plainLine(text, 500));
}

/** A value from a server's document, on one line. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'missing');
  return plainLine(text, 200);
}

/** Foreign text for a terminal: no control characters, not endless. */
export function printable(text: string): string {
  return plainText(text).slice(0, 500);
}

/** A line of a code frame: `> 12 | shared_secret: ...`. */
const FRAME_LINE = /^[> ] *\d+ \| /;
const SECRET_VALUE =
  /([\w-]*(?:secret|password|token|signing_key|certificate_key|private_key|connection_string)[\w-]*["']?\s*[:=])\s*\S.*$/i;
/** Keys and certificates over several lines. */
const LONG_WORD = /[A-Za-z0-9+/=_-]{24,}/g;

/** A line of a code frame without the secrets that may stand around a fault; other lines as they are. */
export function hideSecrets(line: string): string {
  if (!FRAME_LINE.test(line)) return line;
  return line.replace(SECRET_VALUE, '$1 ********').replace(LONG_WORD, '********');
}

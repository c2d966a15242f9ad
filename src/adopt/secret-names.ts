import { quoteForEnv } from '../project/index.ts';
import type { Draft, Scene } from './draft.ts';

const SECRET = /(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|SIGNING_KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS?)$/i;
/** Of these, only what holds a password. */
const ADDRESS = /(?:CONNECTION_STRING|_DSN|_URL|_URI)$/i;

/** Whether a variable with this value is nobody else's business. */
export function isSecret(name: string, value: string): boolean {
  if (value === '' || isPlaceholder(value)) return false;
  return SECRET.test(name) || (ADDRESS.test(name) && /:\/\/[^/\s:@]*:[^/\s@]+@/.test(value));
}

/** What somebody still has to fill in. */
export function isPlaceholder(value: string): boolean {
  return /YOUR[-_]|^<.*>$|^x{3,}$|^\.{3}$|^change-?me$/i.test(value);
}

/** A name for .env: the variable's own, or one with the service's before it where that is taken by another value. */
export function nameInEnv(name: string, owner: string, value: string, draft: Draft, { found }: Scene): string {
  const known = { ...found.variables, ...draft.env };
  const candidates = [name, `${upper(owner)}_${name}`, ...[2, 3, 4, 5].map((i) => `${upper(owner)}_${name}_${i}`)];
  return candidates.find((one) => !known[one] || known[one] === value) ?? name;
}

/** As it is written into .env; undefined: no way of quoting keeps it. */
export function keepsInEnv(value: string): boolean {
  return quoteForEnv(value) !== undefined;
}

export function upper(text: string): string {
  return text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=\d)|^_+|_+$/g, '');
}

/** How the compose file names a value of .env that has to be there. */
export function required(name: string): string {
  return `\${${name}:?it is in .env}`;
}

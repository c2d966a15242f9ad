import { maskSecrets } from '../project/index.ts';

const MASK = '********';
/** Shorter values stand in texts by chance. */
const SHORTEST = 6;
/** Signed tokens, and what follows the word that announces a credential. */
const TOKENS = [/\beyJ[\w-]{8,}\.[\w-]{8,}\.?[\w-]*/g, /\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{6,}/gi];
/** Values under these keys are credentials whatever they are called themselves. */
const CREDENTIAL_LINE =
  /^(\s*(?:- )?["']?(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key|apikey)["']?\s*[:=]\s*)\S.*$/gim;
/** Keys, hashes and tokens look like chance: long, and of capitals, small letters and digits. Digests of images are known to all. */
const RANDOM = /(?<!sha256:)(?<![\w+/=-])[\w+/=-]{20,}(?![\w+/=-])/g;
/** Names whose values are secrets. */
const SECRET_NAME = /secret|password|passwd|token|key|credential|dsn|connection|auth|cookie|url$/i;

/** What a report must not hold, wherever it stands: known values, values under telling keys, and what looks like either. */
export function scrub(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((value) => value.length >= SHORTEST).toSorted((a, b) => b.length - a.length);
  const withoutKnown = known.reduce((masked, value) => masked.replaceAll(value, MASK), text);
  const withoutTokens = TOKENS.reduce(
    (masked, pattern) =>
      masked.replace(pattern, (_, word: unknown) => (typeof word === 'string' ? `${word} ${MASK}` : MASK)),
    maskSecrets(withoutKnown).replace(CREDENTIAL_LINE, `$1${MASK}`),
  );
  return withoutTokens.replace(RANDOM, (word) => (isRandom(word) ? MASK : word));
}

function isRandom(word: string): boolean {
  if (/^[\da-f]{32,}$/i.test(word)) return true;
  return /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word);
}

/** The values of variables whose names tell, and the passwords in those that are URLs. */
export function secretValues(variables: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(variables).flatMap(([name, value = '']) => {
    const password = /:\/\/[^\s:/@]*:([^\s@/]+)@/.exec(value)?.[1];
    const own = SECRET_NAME.test(name) && !/^[A-Za-z]+:\/\/[^@]*$/.test(value) ? [value] : [];
    // A value over several lines is written in several ways.
    return [...own.flatMap((one) => [one, ...one.split(/\\n|\n/)]), ...(password === undefined ? [] : [password])];
  });
}

/** A text with the values of `set_request_headers` masked: what an upstream is told there is often a key of its own. */
export function maskHeaders(text: string): string {
  return maskBelow(text, /^\s*(?:- )?set_re(?:quest|sponse)_headers\s*:/, () => false);
}

/** Variables of Pomerium, Postgres and ourselves that say how, and not what nobody may know. */
const HARMLESS_NAME = /(^|_)(TYPE|FILE|HOME|LISTEN|HOSTS?|ISSUERS?|PORT|DIR|LEVEL|STATE|URIS|ROTATION)$/;
/** `${NAME}` is what .env holds; a default or a text in it is written out. */
const HARMLESS_VALUE = /^["']?(\$\{\w+(:?\?[^}]*|:?-)?\}|\$\w+|\d+|true|false)["']?$/;

/** A compose file with the values in its `environment` blocks masked, whatever they are called, but for those known to be harmless. */
export function maskEnvironment(text: string): string {
  return maskBelow(text, /^\s*environment\s*:/, (key, value) => HARMLESS_NAME.test(key) || HARMLESS_VALUE.test(value));
}

/** Masks the values of every line that is further in than one that begins a block; comments stay. */
function maskBelow(text: string, begins: RegExp, isHarmless: (key: string, value: string) => boolean): string {
  let indent = -1;
  return text
    .split('\n')
    .map((line) => {
      const depth = line.search(/[^\s-]/);
      if (depth >= 0 && depth <= indent) indent = -1;
      if (indent >= 0 && depth > indent) return maskValue(line, isHarmless);
      if (!begins.test(line)) return line;
      indent = depth;
      return line.replace(/(:\s*)[{[].*$/, `$1${MASK}`);
    })
    .join('\n');
}

function maskValue(line: string, isHarmless: (key: string, value: string) => boolean): string {
  if (/^\s*#/.test(line)) return line;
  const [, before = '', key = '', between = '', value = ''] =
    /^(\s*(?:- )?["']?)([\w.-]+)(["']?\s*[:=]\s*)(.+)$/.exec(line) ?? [];
  if (key !== '') return isHarmless(key, value.trim()) ? line : `${before}${key}${between}${MASK}`;
  // A further line of a value, or a key whose value stands below.
  return /:\s*$/.test(line) ? line : line.replace(/\S.*$/, MASK);
}

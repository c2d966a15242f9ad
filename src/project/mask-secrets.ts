// Not where tokens are fetched, which is no secret.
const NAME = String.raw`(?!token_(?:url|endpoint)\b)[\w-]*(?:secret|password|passwd|token|api[_-]?key|credential|authorization(?!_)|signing_key|certificate_key|private_key|connection_string)[\w-]*`;
/** `${NAME}` and `${NAME:?text}` say where a value is, and not what it is; `${NAME:-value}` does. */
const REFERENCE = String.raw`\$\{[A-Z_][A-Z0-9_]*(?::?\?[^}]*)?\}`;
/** Keys whose values are never shown, wherever they stand in a file. */
const SECRET_KEY = new RegExp(
  String.raw`^(\s*(?:- )?["']?${NAME}["']?\s*:)\s*(?!["']?${REFERENCE}["']?\s*(?:#.*)?$)(\S.*)$`,
  'i',
);
/** The same inside `{ }`, as `NAME=value`, and the password of a URL. */
const INLINE = [
  new RegExp(String.raw`((?:(?<!\$)\{|,)\s*["']?${NAME}["']?\s*:(?!\s*["']?${REFERENCE})\s*)[^,}]+`, 'gi'),
  new RegExp(String.raw`(\b${NAME}=)(?!${REFERENCE})[^\s"']+`, 'gi'),
  new RegExp(String.raw`(:\/\/[^\s:/@]*:)(?!${REFERENCE}@)[^\s@/]+(?=@)`, 'g'),
];
/** Most lines hold none of it, and are done with at once. */
const WORTH_A_LOOK = /secret|password|passwd|token|api[_-]?key|credential|authorization|_key|connection_string|:\/\//i;
const BLOCK_SCALAR = /^[|>][+-]?\d?\s*(#.*)?$/;
const MASK = '********';

type Inside = (line: string) => boolean;

const nowhere: Inside = () => false;

/** A YAML text with the values of secrets masked; lines and the columns of keys stay as they are. */
export function maskSecrets(text: string): string {
  let isInside = nowhere;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (isInside(line)) return indent === -1 ? line : ' '.repeat(indent) + MASK;
      isInside = nowhere;
      if (!WORTH_A_LOOK.test(line)) return line;
      const [, key, value = ''] = SECRET_KEY.exec(line) ?? [];
      if (key === undefined) return maskInline(line);
      if (BLOCK_SCALAR.test(value.trimEnd())) {
        isInside = (next) => next.trim() === '' || next.search(/\S/) > indent;
        return line;
      }
      isInside = restOfQuoted(value);
      return `${key} ${MASK}`;
    })
    .join('\n');
}

function maskInline(line: string): string {
  return INLINE.reduce((masked, pattern) => masked.replace(pattern, `$1${MASK}`), line);
}

/** The further lines of a value in quotes, its last one too. A quote that is never closed is a fault that gets shown. */
function restOfQuoted(value: string): Inside {
  const quote = value[0];
  if ((quote !== '"' && quote !== "'") || value.indexOf(quote, 1) !== -1) return nowhere;
  let isOpen = true;
  return (line) => {
    const wasOpen = isOpen;
    if (line.includes(quote)) isOpen = false;
    return wasOpen;
  };
}

import type { Inbound } from './inbound.ts';

/** What a route's set_request_headers adds, as header lines: values may name what is only known per request. */
export type HeaderTemplate = (inbound: Inbound, assertion: string) => string;

/** A text, or the steps of a reference such as `pomerium.jwt`. */
type Part = string | readonly string[];

/** Pomerium v0.33.1 authorize/evaluator/headers_evaluator_evaluation.go, as far as this gateway knows the values. */
export function headerTemplate(
  headers: readonly (readonly [name: string, value: string])[],
): HeaderTemplate | undefined {
  if (headers.length === 0) return undefined;
  const compiled = headers.map(([name, value]) => ({ name: name.toLowerCase(), parts: parseTemplate(value) }));
  if (compiled.every(({ parts }) => parts.every((part) => typeof part === 'string'))) {
    const fixed = compiled.map(({ name, parts }) => `${name}: ${oneLine(parts.join(''))}\r\n`).join('');
    return () => fixed;
  }
  return (inbound, assertion) =>
    compiled
      .map(({ name, parts }) => {
        const value = parts.map((part) => (typeof part === 'string' ? part : valueOf(part, inbound, assertion)));
        return `${name}: ${oneLine(value.join(''))}\r\n`;
      })
      .join('');
}

/** The references in a value that this gateway has nothing for, as a user writes them. */
export function unknownReferences(value: string): string[] {
  return referencesIn(value)
    .filter((reference) => !isAssertion(reference) && headerNameOf(reference) === undefined)
    .map((reference) => reference.join('.'));
}

/** Whether a value tells who the user is. */
export function namesAssertion(value: string): boolean {
  return referencesIn(value).some(isAssertion);
}

function referencesIn(value: string): (readonly string[])[] {
  return parseTemplate(value).filter((part) => typeof part !== 'string');
}

function isAssertion(reference: readonly string[]): boolean {
  return reference.join('.') === 'pomerium.jwt';
}

function headerNameOf([first, second, third, name]: readonly string[]): string | undefined {
  return first === 'pomerium' && second === 'request' && third === 'headers' ? name : undefined;
}

function valueOf(reference: readonly string[], inbound: Inbound, assertion: string): string {
  if (isAssertion(reference)) return assertion;
  const header = headerNameOf(reference)?.toLowerCase();
  if (header === undefined) return '';
  const value = inbound.request.headers()[header];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

const SIMPLE = /\$([\w-]+(?:\.[\w-]+)*)/y;
const COMPLEX = /\$\{((?:[ \t]*(?:[\w-]+|\.|\[[ \t]*"(?:\\.|[^"\\])*"[ \t]*\]))+[ \t]*)\}/y;
const STEP = /([\w-]+)|"((?:\\.|[^"\\])*)"/g;

/** The grammar of internal/headertemplate: `$$` is a dollar, `$a.b` and `${a.b["c"]}` are references, all else is text. */
function parseTemplate(source: string): Part[] {
  const parts: Part[] = [];
  let text = '';
  for (let at = 0; at < source.length;) {
    const found = source.startsWith('$$', at)
      ? undefined
      : (matchAt(COMPLEX, source, at) ?? matchAt(SIMPLE, source, at));
    if (found) {
      if (text !== '') parts.push(text);
      text = '';
      parts.push(stepsOf(found[1] ?? ''));
      at += found[0].length;
    } else {
      text += source.charAt(at);
      at += source.startsWith('$$', at) ? 2 : 1;
    }
  }
  if (text !== '') parts.push(text);
  return parts;
}

function matchAt(expression: RegExp, source: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(source);
}

function stepsOf(expression: string): string[] {
  return [...expression.matchAll(STEP)].map(([, name, quoted]) => name ?? (quoted ?? '').replace(/\\(.)/g, '$1'));
}

function oneLine(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '');
}

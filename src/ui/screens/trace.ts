import type { TraceResult } from '../../commands/trace.ts';
import type { TraceStep } from '../../trace/index.ts';
import type { Style } from '../style.ts';
import { wrap } from '../table.ts';

const INDENT = '     ';
/** Characters of a body that are shown. */
const BODY = 1_200;

/** The conversation, one exchange after the other; with -v headers and bodies too. */
export function traceScreen({ server, steps, tools, error, har, verbose }: TraceResult, style: Style): string {
  const lines = steps.flatMap((step, i) => stepLines(step, i + 1, verbose, style));
  const end = error
    ? [
        `${style.bad('✗')} ${wrap(error.message, style.width - 2).join('\n  ')}`,
        ...(error.why === undefined ? [] : [`  ${wrap(error.why, style.width - 2).join('\n  ')}`]),
        ...(error.fix === undefined ? [] : [`  Fix: ${error.fix}`]),
        `  ${style.dim(error.code)}`,
      ]
    : [`${style.ok('✓')} ${server} answers with ${tools ?? 0} tool${tools === 1 ? '' : 's'}`];
  const file = har === undefined ? [] : [`  ${har}: for the network tab of a browser; secrets are masked`];
  return `${[...lines, '', ...end, ...file].join('\n')}\n`;
}

function stepLines(step: TraceStep, number: number, verbose: boolean, style: Style): string[] {
  const mark = step.wrong === undefined ? style.ok('✓') : style.warn('!');
  const came = step.status === 0 ? 'no answer' : String(step.status);
  const location = step.responseHeaders.find(([name]) => name === 'location')?.[1];
  return [
    `${mark} ${String(number).padStart(2)} ${step.title}  ${style.dim(`${came}, ${step.took} ms`)}`,
    ...cut(`${step.method} ${step.url}`, style),
    ...(location === undefined ? [] : cut(`→ ${location}`, style)),
    ...(step.wrong === undefined
      ? []
      : [
          ...wrap(`came: ${step.wrong}`, style.width - INDENT.length).map((line) => INDENT + style.warn(line)),
          ...wrap(`expected: ${step.expected} (${step.rule})`, style.width - INDENT.length).map(
            (line) => INDENT + line,
          ),
        ]),
    ...(verbose ? details(step, style) : []),
  ];
}

/** One line an address: what is after the width matters only with -v. */
function cut(text: string, style: Style): string[] {
  const room = style.width - INDENT.length;
  return [INDENT + style.dim(text.length > room ? `${text.slice(0, room - 1)}…` : text)];
}

function details(
  { requestHeaders, requestBody, responseHeaders, responseBody, url, expected, rule }: TraceStep,
  style: Style,
): string[] {
  return [
    `  ${url}`,
    `  rule: ${rule}: ${expected}`,
    ...headerLines('>', requestHeaders),
    ...bodyLine('>', requestBody),
    ...headerLines('<', responseHeaders),
    ...bodyLine('<', responseBody),
  ].map((line) => INDENT + style.dim(line));
}

function headerLines(sign: string, list: readonly (readonly [string, string])[]): string[] {
  return list.map(([name, value]) => `${sign} ${name}: ${value}`);
}

function bodyLine(sign: string, text: string | undefined): string[] {
  return text ? [`${sign} ${text.slice(0, BODY)}`] : [];
}

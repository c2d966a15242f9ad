import type { CallResult } from '../../commands/call.ts';
import type { ToolFlag } from '../../commands/tool-flags.ts';
import type { ContentItem } from '../../mcp/index.ts';
import { plainText } from '../../plain-text.ts';
import type { Style } from '../style.ts';
import { padEnd, wrap } from '../table.ts';

/** A tool's answer as text, or the help that was asked for. */
export function callScreen(result: CallResult, style: Style): string {
  if (result.kind === 'command-help') return result.text;
  if (result.kind === 'help') return toolHelp(result, style);
  const { kind: _, asJson, ...answer } = result;
  if (asJson) return `${JSON.stringify({ ok: true, ...answer }, null, 2)}\n`;
  const { content, structuredContent } = answer;
  if (content.length === 0 && structuredContent !== undefined) return `${JSON.stringify(structuredContent, null, 2)}\n`;
  return content.map((item) => withNewline(itemText(item))).join('');
}

function itemText(item: ContentItem): string {
  const { type, text, mimeType, data, resource, uri } = item;
  if (typeof text === 'string') return text;
  if (isObject(resource))
    return typeof resource['text'] === 'string' ? resource['text'] : `[resource ${String(resource['uri'])}]`;
  if (typeof uri === 'string') return uri;
  const size = typeof data === 'string' ? `, ${Math.floor((data.length * 3) / 4)} bytes` : '';
  return `[${type}${typeof mimeType === 'string' ? ` ${mimeType}` : ''}${size}; --json prints it]`;
}

function toolHelp({ route, tool, flags }: Extract<CallResult, { kind: 'help' }>, style: Style): string {
  const needed = flags.filter(({ required }) => required).map((flag) => `${flag.flag} ${placeholder(flag)}`);
  const lines = wrap(plainText(tool.description ?? tool.title ?? tool.name), style.width);
  lines.push(
    '',
    style.bold('Usage'),
    `  ${['mcpgw call', route, tool.name, ...needed, ...(flags.length > needed.length ? ['[flags]'] : [])].join(' ')}`,
  );
  if (flags.length > 0) lines.push('', style.bold('Flags'), ...flagLines(flags, style));
  else lines.push('', 'It takes no parameters.');
  return `${lines.join('\n')}\n`;
}

const MAX_TERM = 30;

function flagLines(flags: readonly ToolFlag[], style: Style): string[] {
  const terms = flags.map(
    (flag) => `${flag.flag}${flag.kind === 'boolean' && !flag.many ? '' : ` ${placeholder(flag)}`}`,
  );
  const left = Math.min(MAX_TERM, Math.max(...terms.map((term) => term.length)));
  return flags.flatMap((flag, i) => {
    const [first = '', ...rest] = wrap(describe(flag), Math.max(20, style.width - left - 5));
    const indent = ' '.repeat(left + 5);
    const term = terms[i] ?? '';
    const more = rest.map((line) => `${indent}${line}`);
    return term.length > left
      ? [`  ${term}`, `${indent}${first}`, ...more]
      : [`  ${padEnd(term, left)}   ${first}`, ...more];
  });
}

function placeholder({ kind, choices }: ToolFlag): string {
  if (choices) return `<${choices.map(String).join('|')}>`;
  return `<${{ string: 'text', number: 'number', integer: 'integer', boolean: 'true|false', json: 'json' }[kind]}>`;
}

function describe({ description, required, many, kind, flag, default: fallback }: ToolFlag): string {
  const remarks = [
    ...(required ? ['required'] : []),
    ...(many ? ['may be repeated'] : []),
    ...(kind === 'boolean' && !many ? [`or ${flag.replace(/^--/, '--no-')}`] : []),
    ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
  ];
  const text = plainText(description?.trim() ?? '');
  return remarks.length === 0 ? text : `${text}${text === '' ? '' : ' '}(${remarks.join('; ')})`;
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

import type { ToolsResult } from '../../commands/tools.ts';
import { plainLine } from '../../plain-text.ts';
import { shellWord } from '../../shell-word.ts';
import type { Style } from '../style.ts';
import { table } from '../table.ts';

/** Name, parameters (optional ones in brackets) and what it does, one line a tool. */
export function toolsScreen({ tools, route, server }: ToolsResult, style: Style): string {
  const count = `${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`;
  const lines = [`${style.bold(route)}   ${route === server ? '' : `${bare(server)}   `}${count}`];
  const rows = tools.map(({ name, title, description, inputSchema }) => [
    plainLine(name),
    parametersOf(inputSchema),
    firstSentence(description ?? title ?? ''),
  ]);
  if (rows.length > 0) lines.push('', ...table([['TOOL', 'PARAMETERS', 'WHAT IT DOES'], ...rows], style.width));
  const [first] = tools;
  if (first) lines.push('', style.dim(`mcpgw call ${shellWord(route)} ${shellWord(plainLine(first.name))} --help`));
  return `${lines.join('\n')}\n`;
}

const PARAMETERS_WIDTH = 30;

function parametersOf(schema: Record<string, unknown>): string {
  const { properties, required } = schema;
  const needed = new Set(Array.isArray(required) ? required : []);
  const names = Object.keys(typeof properties === 'object' && properties !== null ? properties : {});
  // The needed ones first: where the line is cut, the optional ones go.
  const shown = [
    ...names.filter((name) => needed.has(name)),
    ...names.filter((name) => !needed.has(name)).map((name) => `[${name}]`),
  ];
  const text = plainLine(shown.join(' ')) || '-';
  return text.length > PARAMETERS_WIDTH ? `${text.slice(0, PARAMETERS_WIDTH - 1)}…` : text;
}

function firstSentence(text: string): string {
  const [line = ''] = text.trim().split(/\n|(?<=[.!?])\s/);
  return plainLine(line);
}

/** Clients are given hosts without the slash that URL parsers add. */
function bare(url: string): string {
  return url.replace(/^(https?:\/\/[^/]+)\/$/, '$1');
}

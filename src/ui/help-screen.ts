import { GROUPS, type CommandSpec, type OptionSpec } from '../command.ts';
import type { Style } from './style.ts';
import { padEnd, wrap } from './table.ts';

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--json', description: 'print one JSON document on stdout, also on failure' },
  { flags: '-v, --verbose', description: 'show details' },
  { flags: '-q, --quiet', description: 'print the result and errors only' },
  { flags: '--no-color', description: 'print without colours (also: NO_COLOR=1)' },
  { flags: '--no-input', description: 'never ask; fail and list what is missing' },
  { flags: '-C, --cwd <folder>', description: 'run as if started in this folder' },
  { flags: '--debug', description: 'print a stack on failure' },
];

const LEARN_MORE: readonly (readonly [string, string])[] = [
  ['mcpgw help <command>', 'a command, its flags, examples'],
  ['mcpgw help exit-codes', 'what each exit code means'],
  ['mcpgw help environment', 'environment variables'],
  ['mcpgw help files', 'where everything is kept'],
];

/** `mcpgw --help`. */
export function programHelp(commands: readonly CommandSpec[], name: string, style: Style): string {
  const lines = [
    'From nothing to MCP servers safely behind a Pomerium gateway.',
    '',
    style.bold('Usage'),
    `  ${name} <command> [flags]`,
  ];
  for (const group of GROUPS) {
    const members = commands.filter((spec) => spec.group === group && !spec.hidden);
    if (members.length === 0) continue;
    lines.push(
      '',
      style.bold(group),
      ...pairs(
        members.map((spec) => [spec.name, spec.summary]),
        style,
      ),
    );
  }
  lines.push('', style.bold('Flags of every command'), ...optionLines(GLOBAL_OPTIONS, style));
  lines.push('', style.bold('Examples'));
  lines.push(
    ...pairs(
      [
        ['npx create-mcp-gateway my-gateway', 'make a project'],
        ['mcpgw up', 'start it'],
        ['mcpgw token whoami', 'sign in, print an External Token'],
      ],
      style,
    ),
  );
  lines.push('', style.bold('Learn more'), ...pairs(LEARN_MORE, style));
  lines.push('', 'mcpgw collects no telemetry.');
  return `${lines.join('\n')}\n`;
}

/** `mcpgw <command> --help`. */
export function commandHelp(spec: CommandSpec, name: string, style: Style): string {
  const words = [name, spec.name, ...(spec.args ?? []).map((argument) => argument.name)];
  const lines = [
    ...wrap(`${spec.summary.charAt(0).toUpperCase()}${spec.summary.slice(1)}.`, style.width),
    '',
    style.bold('Usage'),
  ];
  lines.push(`  ${words.join(' ')} [flags]${spec.passThrough ? ' [the tool’s flags]' : ''}`);
  if (spec.args?.length) {
    lines.push(
      '',
      style.bold('Arguments'),
      ...pairs(
        spec.args.map((argument) => [argument.name, argument.description]),
        style,
      ),
    );
  }
  const own = spec.options.filter((option) => !option.hidden);
  if (own.length > 0) lines.push('', style.bold('Flags'), ...optionLines(own, style));
  lines.push('', style.bold('Flags of every command'), ...optionLines(GLOBAL_OPTIONS, style));
  lines.push('', style.bold('Examples'));
  for (const [line, text] of spec.examples) lines.push(`  ${line}`, `      ${style.dim(text)}`);
  return `${lines.join('\n')}\n`;
}

function optionLines(options: readonly OptionSpec[], style: Style): string[] {
  const indented = options.map((option): [string, string] => [
    option.flags.startsWith('--') ? `    ${option.flags}` : option.flags,
    option.description,
  ]);
  return pairs(indented, style);
}

function pairs(rows: readonly (readonly [string, string])[], style: Style): string[] {
  const left = Math.min(30, Math.max(...rows.map(([term]) => term.length)));
  const width = Math.max(20, style.width - left - 5);
  return rows.flatMap(([term, text]) => {
    const [first = '', ...rest] = wrap(text, width);
    const more = rest.map((line) => `${' '.repeat(left + 5)}${line}`);
    if (term.length > left) return [`  ${term}`, `${' '.repeat(left + 5)}${first}`, ...more];
    return [`  ${padEnd(term, left)}   ${first}`, ...more];
  });
}

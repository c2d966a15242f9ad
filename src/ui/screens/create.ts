import type { CreatedFile, CreateResult } from '../../commands/create.ts';
import { shellWord } from '../../shell-word.ts';
import type { Style } from '../style.ts';
import { table, wrap } from '../table.ts';

const WHAT: Readonly<Record<string, string>> = {
  'pomerium-config.yaml': 'routes and policies; edit it',
  'docker-compose.yaml': 'services, users, settings; edit it',
  '.env': 'secrets, for this machine only',
  '.env.example': 'the same without secrets, to be committed',
  '.gitignore': 'keeps secrets and state out of git',
  'README.md': 'what this project is',
  'data/library.sqlite': 'sample database',
};

/** Diffs longer than this are cut; the whole one is in --json. */
const DIFF_LINES = 40;

/** What was made and how to go on. */
export function createScreen(result: CreateResult, style: Style): string {
  if (result.kind === 'planned' && result.files.every((file) => file.action === 'write'))
    return plannedScreen(result, style);
  const lines = result.kind === 'created' ? createdLines(result, style) : comparedLines(result, style);
  const notes = result.notes.flatMap((note) => wrap(note, style.width));
  if (notes.length > 0) lines.push('', ...notes.map((line) => style.dim(line)));
  lines.push('', ...nextLines(result, style));
  return `${lines.join('\n')}\n`;
}

function plannedScreen(result: CreateResult, style: Style): string {
  const files = result.files.flatMap((file) => [
    style.bold(`# ${file.path}`),
    (file.content ?? '(binary)').trimEnd(),
    '',
  ]);
  return `${[...files, `${result.files.length} files would be written to ${result.folder}; nothing was.`].join('\n')}\n`;
}

function createdLines(result: CreateResult, style: Style): string[] {
  const rows = result.files.map((file) => [file.path, WHAT[file.path] ?? '']);
  return [
    `${style.ok('✓')} ${style.bold(result.enter === '' ? result.folder : result.enter)}`,
    ...table(rows, style.width - 2).map((line) => `  ${line}`),
    '',
    ...table(
      result.servers.map(({ name, url }) => [name, url, whoOf(result)]),
      style.width,
    ),
  ];
}

function comparedLines(result: CreateResult, style: Style): string[] {
  const kept = result.files.filter((file) => file.action === 'keep');
  const lines = result.files.flatMap((file) => fileLines(file, result.kind === 'planned', style));
  const count = kept.length === 1 ? '1 file differs' : `${kept.length} files differ`;
  const closing = kept.length === 0 ? 'The project is as create would make it.' : `${count}; your edits were kept.`;
  return [...lines, '', closing];
}

function fileLines(file: CreatedFile, planned: boolean, style: Style): string[] {
  const would = planned ? 'would be ' : '';
  if (file.action === 'same') return [`${style.ok('✓')} ${file.path}`];
  if (file.action === 'write') return [`${style.ok('+')} ${file.path}   ${would}added`];
  if (file.action === 'extend')
    return [`${style.ok('+')} ${file.path}   ${would}given ${(file.added ?? []).join(', ')}`];
  const diff = (file.diff ?? '').split('\n');
  const shown = diff.slice(0, DIFF_LINES).map((line) => `    ${coloured(line, style)}`);
  const rest = diff.length - shown.length;
  return [
    `${style.warn('!')} ${file.path}   differs; kept`,
    ...shown,
    ...(rest > 0 ? [style.dim(`    ... ${rest} more lines: mcpgw create --json`)] : []),
  ];
}

function coloured(line: string, style: Style): string {
  if (/^(---|\+\+\+|@@)/.test(line)) return style.dim(line);
  if (line.startsWith('+')) return style.ok(line);
  return line.startsWith('-') ? style.bad(line) : line;
}

function nextLines(result: CreateResult, style: Style): string[] {
  const [first = { name: '', url: '' }] = result.servers;
  const enter = result.enter === '' ? [] : [[`cd ${shellWord(result.enter)}`, '']];
  const local = [
    ['mcpgw up', 'start it'],
    [`mcpgw token ${first.name}`, 'sign in; prints an External Token'],
    [`mcpgw tools ${first.name}`, 'what the server offers'],
  ];
  const open = [
    ['', `DNS records for ${result.hosts.join(', ')}`],
    ...(result.missing.length > 0 ? [['', `fill in ${result.missing.join(', ')}`]] : []),
    ['mcpgw up', 'start it, on that machine'],
  ];
  const rows = [...enter, ...(result.address === 'public' ? open : local)];
  const steps = rows.map(([command = '', text = '']) =>
    command === '' ? [text] : text === '' ? [command] : [command, text],
  );
  const single = steps.filter((step) => step.length === 1).map(([text = '']) => text);
  const columns = table(
    steps.filter((step) => step.length === 2),
    style.width - 8,
  );
  const lines = [...single.flatMap((text) => wrap(text, style.width - 8)), ...columns];
  return lines.map((line, i) => `${i === 0 ? style.bold('Next') : '    '}    ${line}`);
}

function whoOf({ allow }: CreateResult): string {
  if (allow.kind === 'domain') return `everybody at ${allow.domain}`;
  if (allow.kind === 'emails') return allow.emails.join(', ');
  return allow.kind === 'group' ? `group ${allow.group}` : 'anyone signed in';
}

import type { AddResult } from '../../commands/add.ts';
import type { Style } from '../style.ts';
import { wrap } from '../table.ts';
import { diffLines } from './diff.ts';

/** `mcpgw add`: the route, what has to be registered elsewhere, and what does not fit. */
export function addScreen(result: AddResult, style: Style): string {
  const { kind, route, register, files, warnings, notes } = result;
  const mark = kind === 'planned' ? style.ok('+') : style.ok('✓');
  const lines = [`${mark} ${style.bold(route.name)}   ${route.url}   ${route.who}`, `  to ${route.to}`];
  if (kind === 'planned') lines.push('', ...files.flatMap(({ diff }) => diffLines(diff, style)));
  else if (kind === 'added') lines.push(`  written to ${files.map(({ path }) => path).join(', ')}`);
  if (register) lines.push('', ...registerLines(register));
  if (warnings.length > 0) lines.push('', ...warnings.flatMap((text) => wrapped(style.warn('!'), text, style)));
  if (notes.length > 0)
    lines.push('', ...notes.flatMap((text) => wrap(text, style.width)).map((line) => style.dim(line)));
  return `${[...lines, '', closing(kind, style)].join('\n')}\n`;
}

function registerLines({ callback, console }: NonNullable<AddResult['register']>): string[] {
  return ['Callback URL to register', ...(console ? [`at ${console}`] : []), `  ${callback}`];
}

function wrapped(mark: string, text: string, style: Style): string[] {
  return wrap(text, style.width - 2).map((line, i) => `${i === 0 ? mark : ' '} ${line}`);
}

function closing(kind: AddResult['kind'], style: Style): string {
  if (kind === 'planned') return 'Nothing was changed.';
  if (kind === 'unchanged') return 'It was there already; nothing was changed.';
  return `${style.bold('Next')}    mcpgw up   brings it into force`;
}

import type { RemoveResult } from '../../commands/remove.ts';
import type { Style } from '../style.ts';
import { wrap } from '../table.ts';
import { diffLines } from './diff.ts';

/** `mcpgw remove`: what went, line by line, and what stays. */
export function removeScreen({ kind, route, service, files, notes }: RemoveResult, style: Style): string {
  const what = service === undefined ? route.url : `${route.url}, and its service ${service}`;
  const mark = kind === 'planned' ? style.bad('-') : style.ok('✓');
  const lines = [`${mark} ${style.bold(route.name)}   ${what}`, ...files.flatMap(({ diff }) => diffLines(diff, style))];
  const told = notes.flatMap((note) => wrap(note, style.width)).map((line) => style.dim(line));
  const closing =
    kind === 'planned' ? 'Nothing was changed.' : `${style.bold('Next')}    mcpgw up   brings it into force`;
  return `${[...lines, ...(told.length > 0 ? ['', ...told] : []), '', closing].join('\n')}\n`;
}

import type { MigrateResult } from '../../commands/migrate.ts';
import type { Style } from '../style.ts';
import { wrap } from '../table.ts';
import { diffLines } from './diff.ts';

/** What was changed and why, the change itself, and what is left to a person. */
export function migrateScreen(
  { file, changes, byHand, afterwards, diff, written }: MigrateResult,
  style: Style,
): string {
  if (changes.length === 0 && byHand.length === 0) return `${style.ok('✓')} ${file} is in today’s syntax\n`;
  const told = new Set<string>();
  const lines = (list: MigrateResult['changes'], mark: string): string[] =>
    list.flatMap(({ what, why }) => {
      const isNew = !told.has(why);
      told.add(why);
      return [
        ...hanging(`${mark} `, what, style),
        ...(isNew ? hanging('  ', why, style).map((line) => style.dim(line)) : []),
      ];
    });
  return [
    ...lines(changes, written ? style.ok('✓') : '·'),
    ...(diff === '' ? [] : ['', ...diffLines(diff, style)]),
    ...(byHand.length === 0
      ? []
      : ['', 'To be done by hand, in a form that is not edited here:', ...lines(byHand, style.warn('!'))]),
    ...(afterwards.length === 0 ? [] : ['', 'And then:', ...afterwards.flatMap((line) => hanging('- ', line, style))]),
    '',
    written ? `Written to ${file}. Check it: mcpgw lint` : 'Nothing was written.',
    '',
  ].join('\n');
}

function hanging(mark: string, text: string, style: Style): string[] {
  return wrap(text, style.width - 2).map((line, i) => `${i === 0 ? mark : '  '}${line}`);
}

import type { LintResult } from '../../commands/lint.ts';
import type { LintFinding } from '../../lint/index.ts';
import { codeFrame } from '../../project/index.ts';
import { githubAnnotations } from '../lint-github.ts';
import { sarifLog } from '../lint-sarif.ts';
import type { Style } from '../style.ts';
import { wrap } from '../table.ts';

/** What lint found: place, what is wrong, the lines around it, the fix; or one of the forms that tools read. */
export function lintScreen(result: LintResult, style: Style): string {
  if (result.format === 'github') return githubAnnotations(result.findings);
  if (result.format === 'sarif') return `${JSON.stringify(sarifLog(result.findings), null, 2)}\n`;
  // A rule explains itself once.
  const told = new Set<string>();
  const found = result.findings.map((finding) => {
    const { why, ...rest } = finding;
    const isNew = why !== undefined && !told.has(`${finding.rule}${why}`);
    told.add(`${finding.rule}${why}`);
    return findingLines(isNew ? { ...rest, why } : rest, result.texts ?? {}, style).join('\n');
  });
  return `${[...found, closing(result, style)].join('\n\n')}\n`;
}

function findingLines(finding: LintFinding, texts: Record<string, string>, style: Style): string[] {
  const { severity, file, position, message, rule, why, fix } = finding;
  const mark = severity === 'error' ? style.bad('✗') : severity === 'warning' ? style.warn('!') : style.dim('·');
  const place = position ? `${file}:${position.line}:${position.column}` : file;
  const [first = '', ...rest] = wrap(`${place}  ${message}`, style.width - 2);
  const text = texts[file];
  const frame = position && text !== undefined ? codeFrame(text, position).split('\n') : [];
  const indented = (label: string, said: string | undefined): string[] =>
    said === undefined ? [] : wrap(said, style.width - 7).map((line, i) => `  ${i === 0 ? label : '     '}${line}`);
  return [
    `${mark} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...frame.map((line) => `  ${style.dim(line)}`),
    ...indented('Why: ', why),
    ...indented('Fix: ', fix),
    `  ${style.dim(finding.mendable ? `${rule}, mcpgw lint --fix does it` : rule)}`,
  ];
}

function closing({ findings, summary, files, release, fixed }: LintResult, style: Style): string {
  const where = `${files.join(', ')}, for Pomerium ${release}`;
  const changed = fixed ? fixedText(fixed) : '';
  if (findings.length === 0) return `${changed}${style.ok('✓')} nothing to say about ${where}`;
  const counts = [
    count(summary.errors, 'error'),
    count(summary.warnings, 'warning'),
    ...(summary.notes > 0 ? [count(summary.notes, 'note')] : []),
  ].join(', ');
  return `${changed}${wrap(`${counts} in ${where}`, style.width).join('\n')}`;
}

function fixedText({ count: number, written, diff }: NonNullable<LintResult['fixed']>): string {
  if (diff === '') return 'There is nothing to mend by itself.\n';
  return written ? `Mended ${number} of them.\n` : `${diff}\n\nNothing was written.\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

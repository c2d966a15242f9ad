import type { DoctorResult } from '../../commands/doctor.ts';
import { AREAS, type CheckReport, type Finding } from '../../doctor/check.ts';
import { formatDuration } from '../progress.ts';
import type { Style } from '../style.ts';
import { table, widthOf, wrap } from '../table.ts';

/** Under the text of a check: its mark, its id, and the blanks around them. */
const INDENT = ' '.repeat(10);
/** Columns that text gets on the narrowest terminal. */
const MINIMUM = 16;
const KINDS = ['ok', 'warning', 'failure', 'skipped'] as const;

/** Doctor's report: counts by area, then what is wrong with its fix; with -v every check. */
export function doctorScreen(result: DoctorResult, style: Style): string {
  if (result.watched) return '';
  if (result.listed) return `${listLines(result.checks, style).join('\n')}\n`;
  const lines = areaLines(result.checks, style);
  const shown = result.checks.filter((check) => result.verbose || isBad(check.finding));
  for (const check of shown) lines.push(...checkLines(check, { verbose: result.verbose, style }));
  lines.push(...closing(result, style));
  if (result.report !== undefined) lines.push(`Report: ${result.report}    read it before you send it`);
  return `${lines.join('\n')}\n`;
}

/** One check a line; a title that does not fit goes on below. */
function listLines(checks: readonly CheckReport[], style: Style): string[] {
  const columns = table(checks.map(({ id, area }) => [id, area, '|'])).map((line) => line.slice(0, -1));
  return checks.flatMap(({ title }, i) => {
    const before = columns[i] ?? '';
    const [first = '', ...rest] = wrap(title, Math.max(MINIMUM, style.width - before.length));
    return [`${before}${first}`, ...rest.map((line) => `${' '.repeat(before.length)}${line}`)];
  });
}

function areaLines(checks: readonly CheckReport[], style: Style): string[] {
  const areas = AREAS.flatMap((area) => {
    const members = checks.filter((check) => check.area === area);
    if (members.length === 0) return [];
    const counts = KINDS.flatMap((kind) => {
      const count = members.filter((check) => check.finding.kind === kind).length;
      return count === 0 ? [] : [`${mark(kind, style)} ${count}`];
    });
    return [`${headingOf(area)} ${counts.join(' ')}`];
  });
  const lines: string[] = [];
  // Areas are kept whole; wrap() would break them at their blanks.
  for (const area of areas) {
    const last = lines.at(-1);
    const joined = last === undefined ? area : `${last}   ${area}`;
    if (last !== undefined && widthOf(joined) <= style.width) lines[lines.length - 1] = joined;
    else lines.push(area);
  }
  return lines;
}

/** A check in one line, and below it the fix; with `verbose` what was seen too. */
export function checkLines(
  { id, title, finding }: CheckReport,
  { verbose, style }: { verbose: boolean; style: Style },
): string[] {
  const said = finding.kind === 'skipped' ? finding.reason : finding.text;
  const text = verbose || finding.kind === 'skipped' ? `${title}: ${said}` : said;
  const [first = '', ...rest] = wrapped(text, style);
  const lines = [`${mark(finding.kind, style)} ${id}  ${first}`, ...rest.map((line) => `${INDENT}${line}`)];
  // Never broken by us: it is to be pasted.
  if (finding.kind === 'warning' || finding.kind === 'failure') {
    lines.push(...finding.fix.split('\n').map((line, i) => `${INDENT}${i === 0 ? '→' : ' '} ${line}`));
  }
  const evidence = verbose && finding.kind !== 'skipped' ? (finding.evidence ?? []) : [];
  lines.push(...evidence.flatMap((line) => wrapped(line, style)).map((line) => style.dim(`${INDENT}${line}`)));
  return lines;
}

function headingOf(area: string): string {
  return area === 'dns' ? 'DNS' : `${area.charAt(0).toUpperCase()}${area.slice(1)}`;
}

/** Text that fits stays as it is: the blanks of a code frame mean something. */
function wrapped(text: string, style: Style): string[] {
  const width = Math.max(MINIMUM, style.width - INDENT.length);
  return widthOf(text) <= width ? [text] : wrap(text, width);
}

function closing({ checks, summary, took, verbose }: DoctorResult, style: Style): string[] {
  const { passed, warnings, failed, skipped } = summary;
  const counts = [`${passed} passed`];
  if (warnings > 0) counts.push(`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`);
  if (failed > 0) counts.push(`${failed} failed`);
  if (skipped > 0) counts.push(`${skipped} skipped`);
  const text = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'} in ${formatDuration(took)}: ${counts.join(', ')}.`;
  const lines = wrap(text, style.width);
  if (verbose) return lines;
  const details = 'Details: mcpgw doctor -v';
  const last = lines.pop() ?? '';
  const fits = widthOf(last) + 1 + details.length <= style.width;
  return [...lines, ...(fits ? [`${last} ${style.dim(details)}`] : [last, style.dim(details)])];
}

function isBad({ kind }: Finding): boolean {
  return kind === 'warning' || kind === 'failure';
}

function mark(kind: Finding['kind'], style: Style): string {
  if (kind === 'ok') return style.ok('✓');
  if (kind === 'warning') return style.warn('!');
  return kind === 'failure' ? style.bad('✗') : style.dim('-');
}

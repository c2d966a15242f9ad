import type { DoctorResult } from '../../commands/doctor.ts';
import type { CheckReport } from '../../doctor/check.ts';
import type { Style } from '../style.ts';
import { checkLines } from './doctor.ts';

/** The checks that found something else than before, under the time of day; nothing where none did. */
export function doctorChanges(
  before: DoctorResult,
  after: DoctorResult,
  { style, now }: { style: Style; now: number },
): string {
  const changed = after.checks.filter((check) =>
    differs(
      before.checks.find(({ id }) => id === check.id),
      check,
    ),
  );
  if (changed.length === 0) return '';
  const time = new Date(now).toTimeString().slice(0, 8);
  const lines = changed.flatMap((check) => checkLines(check, { verbose: after.verbose, style }));
  return `${[style.dim(time), ...lines].join('\n')}\n`;
}

/** Numbers change all the time: memory, days, seconds. Another kind of finding counts, or another fault. */
function differs(before: CheckReport | undefined, { finding }: CheckReport): boolean {
  if (before?.finding.kind !== finding.kind) return true;
  if (finding.kind !== 'warning' && finding.kind !== 'failure') return false;
  return 'text' in before.finding && withoutNumbers(before.finding.text) !== withoutNumbers(finding.text);
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

import { CliError } from '../errors.ts';
import { systemError } from '../system-error.ts';
import { failure, skipped, type Check, type CheckReport, type Finding, type Patient } from './check.ts';
import { whyAbsent } from './grounds.ts';
import { hideSecrets, printable } from './words.ts';

export interface RunOptions {
  /** Milliseconds a check may take; default 5 s. */
  limit?: number;
  /** Ends the run at once; its reason is thrown. */
  signal: AbortSignal;
}

const DEFAULT_LIMIT = 5_000;

type ReportOf = (id: string) => Promise<CheckReport | undefined>;

/**
 * Runs the checks in parallel, each as soon as what it needs has ended well, and reports in the order of the list.
 * A check that throws or takes too long is a failure of what it checks; it never ends the run.
 */
export async function runChecks(
  checks: readonly Check[],
  patient: Patient,
  options: RunOptions,
): Promise<CheckReport[]> {
  const reports = new Map<string, Promise<CheckReport>>();
  const start = (check: Check): Promise<CheckReport> => {
    const known = reports.get(check.id);
    if (known) return known;
    const report = runOne(check, patient, options, async (id) => {
      const needed = checks.find((candidate) => candidate.id === id);
      // What cannot be looked at here does not stand in the way of what can.
      if (!needed || (await whyGroundless(needed, patient)) !== undefined) return undefined;
      return start(needed);
    });
    reports.set(check.id, report);
    return report;
  };
  return Promise.all(checks.map(start));
}

async function runOne(check: Check, patient: Patient, options: RunOptions, reportOf: ReportOf): Promise<CheckReport> {
  const { id, area, title } = check;
  const reason = (await whyGroundless(check, patient)) ?? (await whyNot(check, reportOf));
  if (reason !== undefined) return { id, area, title, finding: skipped(reason), took: 0 };
  const startedAt = patient.now();
  const finding = await withinLimit(check, patient, options);
  return { id, area, title, finding: presentable(finding), took: patient.now() - startedAt };
}

async function whyGroundless({ on = [] }: Check, patient: Patient): Promise<string | undefined> {
  const reasons = await Promise.all(on.map(async (ground) => whyAbsent(ground, patient)));
  return reasons.find((reason) => reason !== undefined);
}

/** The first need that was not met, followed back to where it began. */
async function whyNot(check: Check, reportOf: ReportOf): Promise<string | undefined> {
  const needed = await Promise.all((check.needs ?? []).map(reportOf));
  for (const report of needed) {
    if (report?.finding.kind === 'failure') return `needs ${report.id}, which failed`;
    if (report?.finding.kind !== 'skipped') continue;
    const { reason } = report.finding;
    return reason.startsWith('needs ') ? reason : `needs ${report.id}: ${reason}`;
  }
  return undefined;
}

async function withinLimit(check: Check, patient: Patient, options: RunOptions): Promise<Finding> {
  options.signal.throwIfAborted();
  const limit = check.limit ?? options.limit ?? DEFAULT_LIMIT;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DOMException('too late', 'TimeoutError')), limit);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([check.run(patient, signal), ended]);
  } catch (error) {
    options.signal.throwIfAborted();
    if (deadline.signal.aborted)
      return failure(`no answer within ${limit / 1000} s`, 'mcpgw logs    # what the slow part says');
    return explain(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function explain(error: unknown): Finding {
  const known = error instanceof CliError ? error : systemError(error);
  if (known) return failure(known.message, known.fix, known.why?.split('\n').map(hideSecrets));
  return failure(error instanceof Error ? error.message : String(error), 'mcpgw logs    # may say more');
}

/** Servers have a say in these texts; a terminal must not obey them. */
function presentable(finding: Finding): Finding {
  if (finding.kind === 'skipped') return skipped(printable(finding.reason));
  const evidence = finding.evidence ? { evidence: finding.evidence.map(printable) } : {};
  return { ...finding, text: printable(finding.text), ...evidence };
}

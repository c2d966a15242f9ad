import type { Ctx } from '../context.ts';
import type { Check, CheckReport } from '../doctor/check.ts';
import { CHECKS } from '../doctor/checks/index.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { chooseChecks, type Choice } from './doctor-choice.ts';
import { admit, type DoctorTarget } from './doctor-patient.ts';

export interface DoctorOptions extends Choice, DoctorTarget {
  list?: boolean;
  strict?: boolean;
  watch?: boolean;
  fix?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  /** File to write for a bug report. */
  report?: string;
}

export interface DoctorResult {
  checks: CheckReport[];
  summary: { passed: number; warnings: number; failed: number; skipped: number };
  /** Milliseconds. */
  took: number;
  strict: boolean;
  /** With --list: nothing was run. */
  listed: boolean;
  verbose: boolean;
  /** With --watch: all of it has been shown. */
  watched?: boolean;
  /** Of --fix: what was done, or with --dry-run would be. */
  mended?: { texts: string[]; done: boolean };
  /** Of --report: the file. */
  report?: string;
}

/** Runs the checks; a finding is a result and not an error. */
export async function run(ctx: Ctx, options: DoctorOptions): Promise<DoctorResult> {
  const chosen = chooseChecks(CHECKS, options);
  if (options.list) return resultOf(ctx, options, chosen.map(listed), ctx.now());
  if (options.watch)
    return (await import('./doctor-watch.ts')).watch(ctx, async () =>
      examine(ctx, { ...options, acme: false }, chosen),
    );
  const mended = options.fix ? await (await import('./doctor-fix.ts')).mend(ctx, options) : undefined;
  const { report: file } = options;
  const report =
    file === undefined ? undefined : await (await import('./doctor-report.ts')).openReport(ctx, file, options);
  const result = await examine(ctx, options, chosen);
  return { ...result, ...(mended ? { mended } : {}), ...(report ? { report: await report.write(result) } : {}) };
}

export { doctorScreen as screen } from '../ui/screens/doctor.ts';

export function exitOf({ summary, strict }: DoctorResult): ExitCode {
  return summary.failed > 0 || (strict && summary.warnings > 0) ? EXIT.unhealthy : EXIT.done;
}

async function examine(ctx: Ctx, options: DoctorOptions, chosen: readonly Check[]): Promise<DoctorResult> {
  const startedAt = ctx.now();
  const { patient, end } = await admit(ctx, options);
  try {
    return resultOf(ctx, options, await runChecks(chosen, patient, { signal: ctx.signal }), startedAt);
  } finally {
    await end();
  }
}

function resultOf(ctx: Ctx, options: DoctorOptions, checks: CheckReport[], startedAt: number): DoctorResult {
  const count = (kind: string): number => checks.filter((check) => check.finding.kind === kind).length;
  return {
    checks,
    summary: { passed: count('ok'), warnings: count('warning'), failed: count('failure'), skipped: count('skipped') },
    took: ctx.now() - startedAt,
    strict: options.strict === true,
    listed: options.list === true,
    verbose: ctx.verbose,
  };
}

function listed({ id, area, title }: Check): CheckReport {
  return { id, area, title, finding: { kind: 'skipped', reason: 'listed' }, took: 0 };
}

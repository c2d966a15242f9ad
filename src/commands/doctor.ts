import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import { AREAS, type Check, type CheckReport, type Patient } from '../doctor/check.ts';
import { CHECKS } from '../doctor/checks/index.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { CliError, EXIT, usage, type ExitCode } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { findProject, loadProject } from '../project/index.ts';
import { doctorAccess } from './doctor-access.ts';

export interface DoctorOptions {
  only?: string[];
  skip?: string[];
  list?: boolean;
  strict?: boolean;
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
}

/** Runs the checks; a finding is a result and not an error. */
export async function run(ctx: Ctx, options: DoctorOptions): Promise<DoctorResult> {
  const chosen = choose(options);
  const startedAt = ctx.now();
  const checks = options.list
    ? chosen.map(({ id, area, title }): CheckReport => ({
        id,
        area,
        title,
        finding: { kind: 'skipped', reason: 'listed' },
        took: 0,
      }))
    : await runChecks(chosen, createPatient(ctx), { signal: ctx.signal });
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

export { doctorScreen as screen } from '../ui/screens/doctor.ts';

export function exitOf({ summary, strict }: DoctorResult): ExitCode {
  return summary.failed > 0 || (strict && summary.warnings > 0) ? EXIT.unhealthy : EXIT.done;
}

/** The checks that --only and --skip leave; what --only names brings along what it needs. */
function choose({ only, skip = [] }: DoctorOptions): Check[] {
  for (const name of only ?? []) assertKnown(name, 'only');
  for (const name of skip) assertKnown(name, 'skip');
  const wanted = new Set(CHECKS.filter((check) => (!only || isNamed(check, only)) && !isNamed(check, skip)));
  // Sets grow while they are walked, so needs of needs are reached too.
  for (const check of wanted) {
    for (const need of check.needs ?? []) {
      const needed = CHECKS.find((candidate) => candidate.id === need);
      if (needed && !isNamed(needed, skip)) wanted.add(needed);
    }
  }
  if (wanted.size === 0) throw usage('--only and --skip leave no check to run', 'mcpgw doctor --list');
  return CHECKS.filter((check) => wanted.has(check));
}

function isNamed({ id, area }: Check, names: readonly string[]): boolean {
  return names.some((name) => [id, area].some((one) => one.toLowerCase() === name.toLowerCase()));
}

function assertKnown(name: string, flag: 'only' | 'skip'): void {
  const known = [...AREAS, ...CHECKS.map((check) => check.id)];
  if (known.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  const close = nearest(name, known);
  throw usage(
    `\`${name}\` is no check and no area${close ? `; did you mean \`${close}\`?` : ''}`,
    close ? `mcpgw doctor --${flag} ${close}` : 'mcpgw doctor --list',
  );
}

function createPatient(ctx: Ctx): Patient {
  const folder = once(async () => findProject(ctx.cwd));
  return {
    cwd: ctx.cwd,
    env: ctx.env,
    nodeVersion: process.versions.node,
    platform: process.platform,
    stateFolder: stateFolder(ctx.env, process.platform),
    now: ctx.now,
    folder,
    project: once(async () => {
      const found = await folder();
      if (found) return loadProject(found, ctx.env);
      throw new CliError({
        code: 'NO_PROJECT',
        message: `there is no project in ${ctx.cwd} or above it`,
        fix: 'npx create-mcp-gateway my-gateway    # or cd into the project folder',
      });
    }),
    ...doctorAccess(ctx),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

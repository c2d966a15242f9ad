import type { Ctx } from '../context.ts';
import type { Area, CheckReport } from '../doctor/check.ts';

/** What may keep a call from going through. The machine, secrets and clients of other people are not asked about. */
const AREAS: readonly Area[] = [
  'files',
  'docker',
  'port',
  'dns',
  'certificate',
  'gateway',
  'log',
  'metadata',
  'registration',
  'sign-in',
  'token',
  'policy',
  'tools',
  'upstream',
];
/** A start that failed is not in force: true, and no cause. */
const NOT_IN_FORCE = 'GTW-03';
const SHOWN = 3;

/** What doctor finds where everything runs and no call goes through: failures first, a few. */
export async function findCauses(ctx: Ctx): Promise<CheckReport[]> {
  const step = ctx.progress.step('doctor');
  const { run } = await import('./doctor.ts');
  const { checks } = await run(ctx, { only: [...AREAS], skip: [NOT_IN_FORCE], acme: false });
  const found = (kind: CheckReport['finding']['kind']): CheckReport[] =>
    checks.filter(({ finding }) => finding.kind === kind);
  const causes = [...found('failure'), ...found('warning')].slice(0, SHOWN);
  step.done(causes.length > 0 ? `looked for the cause: ${causes.map(({ id }) => id).join(', ')}` : 'found no cause');
  return causes;
}

import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import type { DoctorResult } from './doctor.ts';
import { mendConfiguration, mendProject, type Mend } from './doctor-mends.ts';
import { admit, type DoctorTarget } from './doctor-patient.ts';

export interface FixOptions extends DoctorTarget {
  dryRun?: boolean;
  yes?: boolean;
}

/** Shows every safe mend, and carries them out when that is agreed to. */
export async function mend(ctx: Ctx, options: FixOptions): Promise<NonNullable<DoctorResult['mended']>> {
  const mends = await planMends(ctx, options);
  const texts = mends.map(({ text }) => text.trimEnd());
  if (mends.length === 0) {
    ctx.note('there is nothing that --fix can mend');
    return { texts, done: false };
  }
  for (const text of texts) ctx.note(text);
  if (options.dryRun || !(await agree(ctx, options, mends.length))) return { texts, done: false };
  for (const { apply } of mends) await apply();
  return { texts, done: true };
}

async function planMends(ctx: Ctx, options: FixOptions): Promise<Mend[]> {
  const { patient } = await admit(ctx, options);
  if (patient.target.kind === 'url')
    throw usage('--fix mends files, and a URL has none', `mcpgw doctor ${options.url ?? ''}`);
  if (patient.target.kind === 'nothing') return [];
  const ofProject = patient.target.kind === 'project' ? await mendProject(await patient.project()) : [];
  return [...mendConfiguration(await patient.configuration()), ...ofProject];
}

async function agree(ctx: Ctx, { yes }: FixOptions, mends: number): Promise<boolean> {
  if (yes) return true;
  if (!ctx.interactive) throw usage('--fix changes files, and has to be confirmed', 'mcpgw doctor --fix --yes');
  return ctx.prompt.confirm({ message: mends === 1 ? 'Do this?' : `Do all ${mends} of these?`, default: true });
}

import type { Ctx } from '../context.ts';
import type { ExitCode } from '../errors.ts';
import { readProjectSettings } from '../project/index.ts';
import { exitOfStatus, openEngine, requireProjectOrTraces, type StackStatus } from '../stack/index.ts';

/** Looks at what runs; exit code 3 when something is down. */
export async function run(ctx: Ctx): Promise<StackStatus> {
  const folder = await requireProjectOrTraces(ctx.cwd);
  // A running project answers even while its files are broken.
  const settings = await readProjectSettings(folder).catch(() => undefined);
  const engine = await openEngine(folder, settings, ctx);
  return engine.status();
}

export { statusScreen as screen } from '../ui/screens/status.ts';

export function exitOf(status: StackStatus): ExitCode {
  return exitOfStatus(status);
}

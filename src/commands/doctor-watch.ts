import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { styleFor } from '../ui/colour.ts';
import { doctorScreen } from '../ui/screens/doctor.ts';
import { doctorChanges } from '../ui/screens/doctor-changes.ts';
import type { DoctorResult } from './doctor.ts';

/** Milliseconds from one look to the next. */
const PAUSE = 3_000;

/** Looks again and again until Ctrl+C, which is the way to end it. Writes to stdout itself: the whole at first, then what changes. */
export async function watch(ctx: Ctx, look: () => Promise<DoctorResult>, pause: number = PAUSE): Promise<DoctorResult> {
  if (ctx.json || ctx.stdout.isTTY !== true) throw usage('--watch is for a terminal', 'mcpgw doctor --json');
  const style = styleFor(ctx.stdout, ctx.env);
  let last = await look();
  ctx.stdout.write(doctorScreen(last, style));
  for (;;) {
    await sleep(pause, undefined, { signal: ctx.signal }).catch(() => undefined);
    if (ctx.signal.aborted) return { ...last, watched: true };
    // A look that Ctrl+C breaks off has nothing to say.
    const next = await look().catch((error: unknown) => {
      if (ctx.signal.aborted) return last;
      throw error;
    });
    ctx.stdout.write(doctorChanges(last, next, { style, now: ctx.now() }));
    last = next;
  }
}

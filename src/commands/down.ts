import type { Ctx } from '../context.ts';
import { interrupted, usage } from '../errors.ts';
import { withLock } from '../project/index.ts';
import { openEngine, requireProjectOrTraces, type Stopped } from '../stack/index.ts';

export interface DownOptions {
  volumes?: boolean;
  yes?: boolean;
}

export interface DownResult extends Stopped {
  /** What `--volumes` deleted, relative to the project. */
  deleted: string[];
}

/** Stops what runs. Needs none of the project's files to be in order. */
export async function run(ctx: Ctx, options: DownOptions): Promise<DownResult> {
  const folder = await requireProjectOrTraces(ctx.cwd);
  if (options.volumes && !(await isConfirmed(ctx, options))) return { stopped: [], cleaned: false, deleted: [] };
  return withLock(folder, { what: 'mcpgw down', signal: ctx.signal, optional: true }, async () => {
    const engine = await openEngine(folder, undefined, ctx);
    const stopped = await interruptible(engine.stop(), ctx.signal);
    return { ...stopped, deleted: options.volumes ? await engine.deleteData() : [] };
  });
}

export { downScreen as screen } from '../ui/screens/down.ts';

/** Ctrl+C ends the waiting; what was told to stop goes on stopping. */
async function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const note = 'stopped waiting by Ctrl+C; the engine goes on stopping';
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(interrupted(note));
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', abort));
}

async function isConfirmed(ctx: Ctx, { yes }: DownOptions): Promise<boolean> {
  if (yes) return true;
  if (!ctx.interactive)
    throw usage('--volumes deletes every session and client, and has to be confirmed', 'mcpgw down --volumes --yes');
  return ctx.prompt.confirm({
    message: 'Delete all sessions, registered clients and grants of this project?',
    default: false,
  });
}

import { resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { EngineProcess } from '../stack/embedded/engine-process.ts';
import { VERSION } from '../version.ts';

/** Milliseconds after which something that keeps this process alive without need is left behind. */
const LINGER = 2_000;

/** The embedded engine's background process. `mcpgw up` starts it; it runs until `mcpgw down`, SIGTERM or Ctrl+C. */
export async function run(ctx: Ctx, options: { project?: string }): Promise<void> {
  if (options.project === undefined) throw usage('--project is missing', 'mcpgw up');
  const folder = resolve(ctx.cwd, options.project);
  try {
    await EngineProcess.run({
      folder,
      env: ctx.env,
      program: ctx.program,
      version: VERSION,
      now: () => ctx.now(),
      signal: ctx.signal,
    });
  } finally {
    setTimeout(() => process.exit(), LINGER).unref();
  }
}

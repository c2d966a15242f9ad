import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import { CliError, EXIT, type ExitCode } from '../errors.ts';
import { listTools, withToken } from '../mcp/index.ts';
import { createTokenStore } from '../oauth/index.ts';
import { judgeTrace, recordExchanges, toHar, type TraceStep } from '../trace/index.ts';
import { signInFor, type SignInOptions } from './sign-in.ts';
import { findTarget } from './target.ts';

export interface TraceOptions extends SignInOptions {
  route: string;
  har?: string;
}

export interface TraceResult {
  server: string;
  steps: TraceStep[];
  /** Tools that the server offered in the end. */
  tools?: number;
  /** Where it stopped. */
  error?: { code: string; message: string; why?: string; fix?: string };
  /** File of --har. */
  har?: string;
  verbose: boolean;
}

/** Walks the whole OAuth conversation anew, with a client and tokens of its own that are thrown away, and shows every exchange. */
export async function run(ctx: Ctx, options: TraceOptions): Promise<TraceResult> {
  const target = await findTarget(ctx, options.route);
  const recorder = recordExchanges(target.fetch(), () => ctx.now());
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw-trace-'));
  let tools: number | undefined;
  let error: TraceResult['error'];
  try {
    // A store of its own: what is registered and granted here must neither be found from before nor be kept.
    const store = createTokenStore({ folder, note: () => undefined });
    const { server } = target;
    const obtain = signInFor(ctx, target, { ...options, fresh: true }, recorder.fetch, store);
    const found = await withToken(obtain, async (accessToken) =>
      listTools({
        server,
        fetch: recorder.fetch,
        signal: ctx.signal,
        ...(accessToken === undefined ? {} : { accessToken }),
      }),
    );
    tools = found.length;
  } catch (cause) {
    if (!(cause instanceof CliError) || cause.code === 'INTERRUPTED' || recorder.exchanges.length === 0) throw cause;
    const { code, message, why, fix } = cause;
    error = { code, message, ...(why === undefined ? {} : { why }), ...(fix === undefined ? {} : { fix }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const steps = judgeTrace(recorder, target.server);
  if (options.har !== undefined)
    await writeFileAtomic(resolve(ctx.cwd, options.har), `${JSON.stringify(toHar(steps), null, 2)}\n`, 0o600);
  return {
    server: target.server.href,
    steps,
    ...(tools === undefined ? {} : { tools }),
    ...(error ? { error } : {}),
    ...(options.har === undefined ? {} : { har: options.har }),
    verbose: ctx.verbose,
  };
}

export { traceScreen as screen } from '../ui/screens/trace.ts';

export function exitOf({ error }: TraceResult): ExitCode {
  return error ? EXIT.unhealthy : EXIT.done;
}

import type { Ctx } from '../context.ts';
import { CliError, usage } from '../errors.ts';
import type { Log } from '../net/log.ts';
import { findPortHolder } from '../net/ports.ts';

/* What the parts share that run in the foreground until Ctrl+C. */

/** One JSON object a line on stderr, as the embedded engine's logs have it; debug lines with --verbose alone. */
export function jsonLog(ctx: Ctx): Log {
  return (entry) => {
    if (entry.level === 'debug' && !ctx.verbose) return;
    ctx.stderr.write(`${JSON.stringify({ time: new Date(ctx.now()).toISOString(), ...entry })}\n`);
  };
}

/** Starts something that listens; a port that is held, or an address of another machine, is told with its fix. */
export async function startListening<T>(
  command: string,
  { host, port }: { host: string; port: number },
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      const holder = await findPortHolder(port);
      throw new CliError({
        code: 'PORT_BUSY',
        message: `port ${port} is held by ${holder ? `pid ${holder.pid}: ${holder.command}` : 'another program'}`,
        fix: `stop it, or take another port: ${command} --port ${port + 1}`,
        cause: error,
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw usage(`\`${host}\` is no address of this machine`, `${command} --host 127.0.0.1`);
    throw error;
  }
}

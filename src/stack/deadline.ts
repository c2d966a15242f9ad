import { CliError, EXIT, interrupted } from '../errors.ts';
import type { ApplyOptions } from './engine.ts';

/** The end of waiting: by Ctrl+C, or because the time is over. What was started goes on in both cases. */
export function deadline({ timeout, signal }: ApplyOptions): {
  signal: AbortSignal;
  explain(error: unknown, waitingFor: readonly string[]): unknown;
  end(): void;
} {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('late')), timeout);
  return {
    signal: AbortSignal.any([signal, late.signal]),
    end: () => clearTimeout(timer),
    explain: (error, waitingFor) => {
      if (error instanceof CliError) return error;
      if (signal.aborted)
        return interrupted('stopped waiting by Ctrl+C; what was started goes on (mcpgw status, mcpgw down)');
      if (!late.signal.aborted) return error;
      return new CliError({
        code: 'NOT_READY',
        message: `not ready after ${timeout / 1000} s: ${waitingFor.join(', ')}`,
        why: 'it goes on starting; nothing was stopped',
        fix: `mcpgw up --timeout ${Math.ceil(timeout / 1000) * 3}, or look: mcpgw logs`,
        exit: EXIT.unhealthy,
      });
    },
  };
}

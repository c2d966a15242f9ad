/** Exit codes, documented in `mcpgw help exit-codes`. */
export const EXIT = { done: 0, failed: 1, usage: 2, unhealthy: 3, signIn: 4, interrupted: 130 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface CliErrorFields {
  /** Stable, upper-case, has an anchor in docs/errors.md. */
  code: string;
  /** One sentence: the thing, its value, what is wrong with it. */
  message: string;
  /** Why, when it is known. Several lines are allowed. */
  why?: string;
  /** A command that can be pasted, or the edit to make. */
  fix: string;
  exit?: ExitCode;
  cause?: unknown;
  /** Further data for `--json`; never holds a secret. */
  details?: Record<string, unknown>;
}

/** A failure that a user can meet and mend. Everything else that is thrown is a bug of ours. */
export class CliError extends Error {
  readonly code: string;
  readonly why: string | undefined;
  readonly fix: string;
  readonly exit: ExitCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(fields: CliErrorFields) {
    super(fields.message, { cause: fields.cause });
    this.name = 'CliError';
    this.code = fields.code;
    this.why = fields.why;
    this.fix = fields.fix;
    this.exit = fields.exit ?? EXIT.failed;
    this.details = fields.details;
  }
}

/** Ctrl+C at a prompt or a wait. */
export function interrupted(note = 'stopped by Ctrl+C; nothing was changed'): CliError {
  return new CliError({
    code: 'INTERRUPTED',
    message: note,
    fix: 'run the command again',
    exit: EXIT.interrupted,
  });
}

/** Wrong words on the command line. */
export function usage(message: string, fix: string): CliError {
  return new CliError({ code: 'USAGE', message, fix, exit: EXIT.usage });
}

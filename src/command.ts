import type { Ctx } from './context.ts';
import type { ExitCode } from './errors.ts';
import type { Style } from './ui/style.ts';

export const GROUPS = ['Start', 'Servers', 'Connect', 'Inspect', 'Parts', 'Help'] as const;

export type Group = (typeof GROUPS)[number];

export interface OptionSpec {
  /** As commander wants it: `-f, --follow`, `--port <number>`, `--no-wait`, `--servers <list>`. */
  flags: string;
  description: string;
  kind?: 'number' | 'list' | 'text';
  hidden?: boolean;
}

/** What a command's file exports. A command that streams writes to ctx.stdout itself and has no screen. */
// The table holds commands of every shape; each file types its own options and result.
export interface CommandModule<O = never, R = unknown> {
  run(ctx: Ctx, options: O): Promise<R>;
  screen?(result: R, style: Style): string;
  /** Exit code of a result that is no failure of the command itself, such as a gateway that is down. */
  exitOf?(result: R): ExitCode;
}

export interface CommandSpec {
  name: string;
  aliases?: readonly string[];
  /** Positional arguments: `[folder]`, `<route>`, `[servers...]`; they arrive as options of the same name. */
  args?: readonly { name: string; description: string }[];
  group: Group;
  summary: string;
  hidden?: boolean;
  options: readonly OptionSpec[];
  /** Command line and what it does; two at least. */
  examples: readonly (readonly [string, string])[];
  /** Words that the command parses itself (`call` makes flags from the tool's schema); they arrive as `rest`. */
  passThrough?: boolean;
  load(): Promise<CommandModule>;
}

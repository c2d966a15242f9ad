import type { CommandSpec } from '../command.ts';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { styleFor } from '../ui/colour.ts';
import { commandHelp, programHelp } from '../ui/help-screen.ts';
import { TOPICS } from '../ui/help-topics.ts';

export interface HelpOptions {
  topic?: string;
}

export interface HelpResult {
  topic: string;
  text: string;
}

/** Shows the help of the program, of one command, or of a topic; also as data, for tools that read it. */
export async function run(ctx: Ctx, { topic }: HelpOptions): Promise<HelpResult> {
  // The table itself loads this file, so it is loaded here and not at the top.
  const { COMMANDS } = await import('../cli.ts');
  const style = styleFor(ctx.stdout, ctx.env, ctx.json);
  if (topic === undefined) return { topic: 'mcpgw', text: programHelp(COMMANDS, 'mcpgw', style) };
  const text = TOPICS[topic]?.text ?? helpOf(COMMANDS, topic, (spec) => commandHelp(spec, 'mcpgw', style));
  return { topic, text };
}

export function screen(result: HelpResult): string {
  return result.text;
}

function helpOf(commands: readonly CommandSpec[], name: string, write: (spec: CommandSpec) => string): string {
  const spec = commands.find((candidate) => candidate.name === name || candidate.aliases?.includes(name));
  if (spec) return write(spec);
  const known = [...commands.filter((one) => !one.hidden).map((one) => one.name), ...Object.keys(TOPICS)];
  const close = nearest(name, known);
  throw usage(
    `there is no help for \`${name}\``,
    close ? `mcpgw help ${close}` : `mcpgw help    # lists the commands; topics: ${Object.keys(TOPICS).join(', ')}`,
  );
}

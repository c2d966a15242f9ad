import { CONNECT } from './cli/connect.ts';
import { HELP } from './cli/help.ts';
import { INSPECT } from './cli/inspect.ts';
import { PARTS } from './cli/parts.ts';
import { SERVERS } from './cli/servers.ts';
import { START } from './cli/start.ts';
import type { CommandSpec } from './command.ts';
import type { Ctx } from './context.ts';
import type { GlobalOptions, World } from './context-node.ts';
import { EXIT, type ExitCode } from './errors.ts';

/** Every command: its group, flags, examples, and the file that holds it, loaded only when it runs. */
export const COMMANDS: readonly CommandSpec[] = [...START, ...SERVERS, ...CONNECT, ...INSPECT, ...PARTS, ...HELP];

/** Parses and runs one command line. `create-mcp-gateway` is `mcpgw create` under another name. */
export async function parse(
  words: readonly string[],
  world: World,
  name: string,
  createContext: (options: GlobalOptions) => Ctx,
): Promise<ExitCode> {
  if (name === 'mcpgw' && words.length === 1 && ['--help', '-h'].includes(words[0] ?? '')) return showHelp(world);
  const [{ parseAndRun }, { VERSION }] = await Promise.all([import('./parse.ts'), import('./version.ts')]);
  const line = name === 'create-mcp-gateway' ? asCreate(words) : [...words];
  return parseAndRun({ words: line, commands: COMMANDS, world, name: 'mcpgw', version: VERSION, createContext });
}

/** The list of commands needs no parser, which is most of what a start loads. */
async function showHelp({ stdout, env }: World): Promise<ExitCode> {
  const [{ programHelp }, { styleFor }] = await Promise.all([import('./ui/help-screen.ts'), import('./ui/colour.ts')]);
  stdout.write(programHelp(COMMANDS, 'mcpgw', styleFor(stdout, env)));
  return EXIT.done;
}

/** npm needs `--` before flags and some shells eat it, some do not: a stray one is dropped. */
function asCreate(words: readonly string[]): string[] {
  if (words.includes('--version')) return ['--version'];
  return ['create', ...words.filter((word) => word !== '--')];
}

import { isRecord } from './json.ts';
import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandModule, CommandSpec, OptionSpec } from './command.ts';
import type { Ctx } from './context.ts';
import type { GlobalOptions, World } from './context-node.ts';
import { EXIT, usage, type ExitCode } from './errors.ts';
import { nearest } from './nearest.ts';
import { styleFor } from './ui/colour.ts';
import { usageError } from './ui/error-screen.ts';
import { commandHelp, GLOBAL_OPTIONS, programHelp } from './ui/help-screen.ts';

export interface ParseInput {
  words: readonly string[];
  commands: readonly CommandSpec[];
  world: World;
  name: string;
  version: string;
  createContext: (options: GlobalOptions) => Ctx;
}

/** Parses a command line with commander, runs the command it names and prints its result. */
export async function parseAndRun(input: ParseInput): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const program = buildProgram(input, async (spec, options, globals) => {
    exit = await runCommand(input, spec, options, globals);
  });
  try {
    await program.parseAsync([...input.words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, commandLine(input));
  }
  return exit;
}

/** The words up to the command's name: what a better try begins with. */
function commandLine({ words, commands, name }: ParseInput): string {
  const known = words.find((word) => commands.some((spec) => spec.name === word || spec.aliases?.includes(word)));
  return known === undefined ? name : `${name} ${known}`;
}

type Act = (spec: CommandSpec, options: Record<string, unknown>, globals: GlobalOptions) => Promise<void>;

function buildProgram(input: ParseInput, act: Act): Command {
  const { world, name, version, commands, words } = input;
  const style = styleFor(world.stdout, world.env, words.includes('--no-color'));
  // The help and the version are results like others: with --json they are a document.
  const json = words.includes('--json');
  const writeOut = (text: string): unknown =>
    world.stdout.write(json ? `${JSON.stringify({ ok: true, text: text.trimEnd() }, null, 2)}\n` : text);
  const program = new Command(name)
    .version(version, '--version', 'print the version')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut, writeErr: () => undefined, getOutHasColors: () => true })
    .configureHelp({ formatHelp: () => programHelp(commands, name, style) })
    .argument('[command]')
    .allowUnknownOption()
    .allowExcessArguments();
  // The program itself takes these, wherever they stand on the line.
  for (const { flags, description } of GLOBAL_OPTIONS) program.addOption(new Option(flags, description));
  // Only a command that is named can be meant; building all of them takes longer than anything else at start.
  for (const spec of commands.filter((one) => [one.name, ...(one.aliases ?? [])].some((word) => words.includes(word))))
    addCommand(program, spec, act).configureHelp({ formatHelp: () => commandHelp(spec, name, style) });
  program.action(async () => {
    const [word] = program.args;
    if (word !== undefined) throw unknownWord(word, name, commands);
    const help = commands.find((spec) => spec.name === 'help');
    if (help) await act(help, {}, program.opts());
  });
  return program;
}

function addCommand(program: Command, spec: CommandSpec, act: Act): Command {
  const command = program.command(spec.name, { hidden: spec.hidden === true }).description(spec.summary);
  command.copyInheritedSettings(program).allowExcessArguments(false);
  for (const alias of spec.aliases ?? []) command.alias(alias);
  for (const argument of spec.args ?? []) command.argument(argument.name, argument.description);
  for (const option of spec.options) command.addOption(toOption(option));
  // What these do not know themselves is handed on, --help of a tool too.
  if (spec.passThrough) command.allowUnknownOption().allowExcessArguments().helpOption(false);
  return command.action(async () => {
    if (spec.passThrough && isHelpFlag(command.args[0])) command.help();
    await act(spec, collect(spec, command), program.opts());
  });
}

function isHelpFlag(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

function unknownWord(word: string, name: string, commands: readonly CommandSpec[]): Error {
  const isFlag = word.startsWith('-');
  const flags = GLOBAL_OPTIONS.flatMap((option) => option.flags.match(/--[\w-]+/g) ?? []);
  const known = isFlag
    ? [...flags, '--version', '--help']
    : commands.filter((spec) => !spec.hidden).map((spec) => spec.name);
  const close = nearest(word, known);
  return usage(`unknown ${isFlag ? 'option' : 'command'} \`${word}\``, close ? `${name} ${close}` : `${name} --help`);
}

function toOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.kind === 'number') option.argParser((text: string) => parseNumber(text));
  if (spec.kind === 'list') {
    option.argParser((text: string, before: unknown) => [
      ...(Array.isArray(before) ? before.map(String) : []),
      ...text.split(',').filter((part) => part !== ''),
    ]);
  }
  return spec.hidden ? option.hideHelp() : option;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError('is no number');
  return value;
}

function collect(spec: CommandSpec, command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = { ...command.opts() };
  const words = command.args;
  (spec.args ?? []).forEach((argument, i) => {
    const key = argument.name.replace(/[<>[\].]/g, '');
    const many = argument.name.includes('...');
    const value = many ? words.slice(i) : words[i];
    if (many || value !== undefined) values[key] = value;
  });
  if (spec.passThrough) values['rest'] = words.slice(spec.args?.length ?? 0);
  return values;
}

async function runCommand(
  { createContext, world }: ParseInput,
  spec: CommandSpec,
  options: Record<string, unknown>,
  globals: GlobalOptions,
): Promise<ExitCode> {
  const place = globals.cwd === undefined ? world : { ...world, cwd: resolve(world.cwd, globals.cwd) };
  const ctx = { ...createContext(globals), cwd: place.cwd };
  // The table cannot know each command's own types; the files on both sides of it do.
  const module = (await spec.load()) as CommandModule<Record<string, unknown>>;
  const result = await module.run(ctx, options);
  const exit = module.exitOf?.(result) ?? EXIT.done;
  print(ctx, module, result, exit, globals);
  if (ctx.interactive) await (await import('./update-notice.ts')).noticeUpdate(ctx);
  return exit;
}

function print(ctx: Ctx, module: CommandModule, result: unknown, exit: ExitCode, globals: GlobalOptions): void {
  if (result === undefined) return;
  if (ctx.json) {
    const body = isRecord(result) ? result : { result };
    ctx.stdout.write(`${JSON.stringify({ ok: exit === EXIT.done, ...body }, null, 2)}\n`);
    return;
  }
  const text = module.screen?.(result, styleFor(ctx.stdout, ctx.env, globals.color === false)) ?? '';
  if (text !== '') ctx.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

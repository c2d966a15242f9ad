import { enableCompileCache } from 'node:module';
import type { Ctx } from './context.ts';
import { createContext, type GlobalOptions, type World } from './context-node.ts';
import { CliError, EXIT, interrupted, type ExitCode } from './errors.ts';
import { styleFor } from './ui/colour.ts';

/** Runs the program for this process: the only place that reads `process` and sets the exit code. */
export async function start(name: string): Promise<void> {
  enableCompileCache?.();
  hideNodeWarnings();
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new Error('SIGINT')));
  process.once('SIGTERM', () => abort.abort(new Error('SIGTERM')));
  guardStreams();
  const world: World = {
    cwd: process.cwd(),
    env: process.env,
    // Getters: Node makes a stream when it is first asked for, which takes milliseconds that `--help` need not pay.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    get stderr() {
      return process.stderr;
    },
    execPath: process.execPath,
    signal: abort.signal,
  };
  process.exitCode = await run(process.argv.slice(2), world, name);
}

/** A reader such as `head` that goes away is no failure of ours; a result that could not be written is one. */
function guardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    const why = error.code === 'ENOSPC' ? 'the disk is full' : error.message;
    process.stderr.write(`✗ the result could not be written: ${why}\n  OUTPUT_LOST · exit ${EXIT.failed}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody is left to be told; the exit code still says how it ended.
  process.stderr.on('error', () => undefined);
}

/** Runs one command line and answers its exit code. The only catch of the program. */
export async function run(argv: readonly string[], world: World, name = 'mcpgw'): Promise<ExitCode> {
  const words = argv.includes('--debug') ? argv.filter((word) => word !== '--debug') : argv;
  const debug = words !== argv || world.env['MCPGW_DEBUG'] === '1';
  const globals = globalsOf(words);
  try {
    const { parse } = await import('./cli.ts');
    return await parse(words, world, name, (options: GlobalOptions): Ctx => createContext(world, options));
  } catch (error) {
    return await report(error, world, globals, debug);
  }
}

/** The global flags, read before the command line is parsed: an error in it must be told in the form that was asked for. */
function globalsOf(words: readonly string[]): GlobalOptions {
  const end = words.indexOf('--');
  const own = end === -1 ? words : words.slice(0, end);
  return { json: own.includes('--json'), color: own.includes('--no-color') ? false : undefined };
}

async function report(error: unknown, world: World, globals: GlobalOptions, debug: boolean): Promise<ExitCode> {
  const { describeBug, errorDocument, errorScreen } = await import('./ui/error-screen.ts');
  const { systemError } = await import('./system-error.ts');
  const explain = async (thrown: unknown): Promise<CliError> => {
    if (thrown instanceof CliError) return thrown;
    if (world.signal.aborted) return interrupted('stopped by Ctrl+C');
    return systemError(thrown) ?? (await describeBug(thrown, world.env));
  };
  const known = await explain(error);
  if (globals.json) world.stdout.write(`${JSON.stringify(errorDocument(known), null, 2)}\n`);
  else world.stderr.write(errorScreen(known, styleFor(world.stderr, world.env, globals.color === false)));
  if (debug && error instanceof Error) world.stderr.write(`${error.stack ?? String(error)}\n`);
  return known.exit;
}

/** Node 22 calls node:sqlite experimental on every start; nothing a user can act on. */
function hideNodeWarnings(): void {
  const listeners = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.includes('SQLite')) return;
    // Our own colours go by NO_COLOR; what Node would do about it is nobody's concern.
    if (warning.message.includes("The 'NO_COLOR' env is ignored")) return;
    for (const listener of listeners) listener(warning);
  });
}

import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Ctx, OutputStream, Prompt } from './context.ts';
import { createProgress } from './ui/progress.ts';
import { styleFor } from './ui/colour.ts';

export interface GlobalOptions {
  json?: boolean;
  verbose?: boolean;
  quiet?: boolean;
  /** `--no-input`. */
  input?: boolean;
  /** `--no-color`. */
  color?: boolean;
  cwd?: string;
}

export interface World {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: NodeJS.ReadStream;
  stdout: OutputStream;
  stderr: OutputStream;
  execPath: string;
  signal: AbortSignal;
}

/** The context of a real run. Prompts and the browser opener are loaded only when they are used. */
export function createContext(world: World, options: GlobalOptions): Ctx {
  const { env, stdin, stdout, stderr, signal } = world;
  const json = options.json === true;
  const shown = !json && options.quiet !== true;
  const style = styleFor(stderr, env, options.color === false);
  const interactive =
    [stdin, stderr].every((stream) => stream.isTTY) &&
    !env['CI'] &&
    env['TERM'] !== 'dumb' &&
    !json &&
    options.input !== false;
  return {
    cwd: world.cwd,
    // So that every screen and every child sees it.
    env: options.color === false ? { ...env, NO_COLOR: '1' } : env,
    stdin,
    stdout,
    stderr,
    now: Date.now,
    signal,
    program: [world.execPath, programFile()],
    interactive,
    json,
    verbose: options.verbose === true,
    prompt: lazyPrompt(world, interactive),
    openUrl: async (url) => (await import('./browser.ts')).openInBrowser(url, { env, interactive }),
    progress: createProgress({ stream: stderr, style, now: Date.now, shown }),
    note: (line) => {
      if (shown) stderr.write(`${line}\n`);
    },
  };
}

/** The file that starts this program again: bin/mcpgw.js for a build, src/start.ts when it runs from source. */
function programFile(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.endsWith('.ts') ? './start.ts' : '../bin/mcpgw.js', here));
}

function lazyPrompt(world: World, interactive: boolean): Prompt {
  const load = async (): Promise<Prompt> => (await import('./prompt.ts')).createPrompt(world, interactive);
  return {
    input: async (question, signal) => (await load()).input(question, signal),
    password: async (question) => (await load()).password(question),
    select: async (question) => (await load()).select(question),
    checkbox: async (question) => (await load()).checkbox(question),
    confirm: async (question) => (await load()).confirm(question),
  };
}

/** Where this program keeps what belongs to the user and not to a project. */
export function stateFolder(env: Readonly<Record<string, string | undefined>>, platform: string): string {
  if (env['MCPGW_STATE_DIR']) return env['MCPGW_STATE_DIR'];
  const home = env['HOME'] || homedir();
  if (platform === 'darwin') return `${home}/Library/Application Support/mcpgw`;
  if (platform === 'win32') return `${env['LOCALAPPDATA'] || `${home}/AppData/Local`}/mcpgw`;
  return `${env['XDG_STATE_HOME'] || `${home}/.local/state`}/mcpgw`;
}

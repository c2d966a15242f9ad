import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from '../../errors.ts';
import { connectToEngine, type ControlClient } from './control-client.ts';
import { socketPath } from './control-protocol.ts';
import { within } from './within.ts';

export interface LaunchOptions {
  folder: string;
  state: string;
  logs: string;
  /** How to start this program again. */
  program: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
}

export interface Launched {
  client: ControlClient;
  /** The error to throw when the engine went away without a word: how it ended, and its last lines. */
  explainDeath: () => Promise<CliError>;
  /** Waits a moment for the process to end: a start that failed should leave nothing behind when it is told. */
  ended: () => Promise<void>;
}

const POLL_MS = 8;
/** Bytes of what earlier engines said that are kept. */
const MAX_OUTPUT = 1_000_000;
/** Milliseconds. */
const END_MS = 3_000;
const LAST_LINES = 15;

/** Starts the engine's process, detached from this one and its terminal, and connects to it once it listens. */
export async function launchEngine(options: LaunchOptions): Promise<Launched> {
  await mkdir(options.logs, { recursive: true, mode: 0o700 });
  const output = join(options.logs, 'engine-output.txt');
  const from = await sizeOf(output);
  const anew = from > MAX_OUTPUT;
  const end = watchEnd(spawnDetached(options, output, anew));
  const ended = async (): Promise<void> => within(END_MS, end.promise);
  const explainDeath = async (): Promise<CliError> => {
    // Its exit may be known a moment after its socket closed.
    await ended();
    return died(end.how ?? 'closed its control socket', await lastLines(output, anew ? 0 : from));
  };
  const socket = socketPath(options.state);
  for (;;) {
    options.signal.throwIfAborted();
    const client = await connectToEngine(socket);
    if (client) return { client, explainDeath, ended };
    if (end.how !== undefined) throw await explainDeath();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** How a process ended, as a promise and, once it is known, as words. */
function watchEnd(child: ChildProcess): { promise: Promise<void>; how?: string } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end: { promise: Promise<void>; how?: string } = { promise };
  const tell = (how: string): void => {
    end.how = how;
    resolve();
  };
  child.once('error', (error) => tell(`could not be started: ${error.message}`));
  child.once('exit', (code, signal) => tell(signal ? `was ended by ${signal}` : `exited with code ${code}`));
  return end;
}

function spawnDetached({ program, folder, env }: LaunchOptions, output: string, anew: boolean): ChildProcess {
  const [execPath = '', ...args] = program;
  const file = openSync(output, anew ? 'w' : 'a', 0o600);
  try {
    const child = spawn(execPath, [...args, 'engine', '--project', folder], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', file, file],
    });
    child.unref();
    return child;
  } finally {
    closeSync(file);
  }
}

function died(how: string, lines: readonly string[]): CliError {
  return new CliError({
    code: 'ENGINE_DIED',
    message: `the engine ${how} before it was ready`,
    ...(lines.length > 0 ? { why: lines.join('\n') } : {}),
    fix: 'mcpgw logs engine',
  });
}

async function lastLines(file: string, from: number): Promise<string[]> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - from));
    await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8').split('\n').filter(Boolean).slice(-LAST_LINES);
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  );
}

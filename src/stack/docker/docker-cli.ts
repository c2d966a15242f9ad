import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { noDockerCli } from './cli-errors.ts';

export interface CliOptions {
  /** Whose compose file is read; any folder without one where none is to be read. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
  /** What it reads: a secret does not belong among its words, which every user of the machine can see. */
  input?: string;
}

export interface CliResult {
  /** -1: a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `docker` and waits for it; throws only when there is no such program. */
export async function runDocker(args: readonly string[], { cwd, env, signal, input }: CliOptions): Promise<CliResult> {
  const { execa } = await import('execa');
  const result = await execa('docker', args, {
    cwd,
    env,
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    reject: false,
    ...(signal ? { cancelSignal: signal } : {}),
  });
  signal?.throwIfAborted();
  if (isMissing(result)) throw noDockerCli(result);
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** What a shell answers for a program that is not there. */
const NOT_FOUND = 127;

/**
 * Runs `docker` in a process group of its own, so that Ctrl+C in this terminal ends our waiting and not the work. What it says
 * goes to a file: nobody may be there any more to read a pipe. A shell opens that file; it gets the words as they are.
 */
export async function runDockerApart(
  args: readonly string[],
  { cwd, env, signal }: CliOptions,
  outputFile: string,
): Promise<{ pid: number | undefined; ended: Promise<number> }> {
  await mkdir(dirname(outputFile), { recursive: true, mode: 0o700 });
  const { execa } = await import('execa');
  const child = execa('sh', ['-c', 'umask 077; exec docker "$@" >"$0" 2>&1', outputFile, ...args], {
    cwd,
    env,
    extendEnv: false,
    stdio: 'ignore',
    detached: true,
    cleanup: false,
    reject: false,
  });
  // From then on nobody waits for it.
  signal?.addEventListener('abort', () => child.nodeChildProcess.unref(), { once: true });
  const ended = async (): Promise<number> => {
    const { exitCode } = await child;
    if (exitCode === NOT_FOUND) throw noDockerCli(undefined);
    return exitCode ?? -1;
  };
  return { pid: child.pid, ended: ended() };
}

/** A folder that is gone has the same code; it names itself in `cwd`. */
function isMissing(result: object): boolean {
  return 'code' in result && result.code === 'ENOENT';
}

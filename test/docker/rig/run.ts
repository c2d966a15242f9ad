import { spawn } from 'node:child_process';

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Milliseconds; then the program is killed and the call fails. */
  timeout?: number;
}

/** Runs a program to its end and returns what it printed. Throws, with its last words, unless it exits with 0. */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 600_000,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  const stdout = Buffer.concat(out).toString('utf8');
  if (code === 0) return stdout;
  const words = `${stdout}\n${Buffer.concat(err).toString('utf8')}`.trim().split('\n').slice(-6).join('\n');
  throw new Error(`\`${file} ${args.slice(0, 4).join(' ')}\` failed (${code ?? 'killed'}): ${words}`);
}

/** The same; undefined when the program is missing or fails. */
export async function ask(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string | undefined> {
  try {
    return (await run(file, args, { timeout: 10_000, ...options })).trim();
  } catch {
    return undefined;
  }
}

/** Tells on stderr what takes time, and how long it took. */
export async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const result = await work();
  process.stderr.write(`${name} ${((performance.now() - begun) / 1_000).toFixed(1)} s\n`);
  return result;
}

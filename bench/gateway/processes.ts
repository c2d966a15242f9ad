import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';

const running = new Set<ChildProcess>();

export interface Started {
  child: ChildProcess;
  /** Everything printed so far. */
  output: () => string;
}

/** Starts a program that runs until stopAll(). */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.on('error', (error) => (text += String(error)));
  return { child, output: () => text };
}

/** What a program prints first, such as the token of the gateway's, once it listens. */
export async function firstLine({ output }: Started): Promise<string> {
  while (!output().includes('\n')) await sleep(5);
  return output().split('\n')[0] ?? '';
}

export async function stopAll(): Promise<void> {
  const ended = [...running].map(stop);
  running.clear();
  await Promise.all(ended);
}

export function stop(child: ChildProcess): Promise<void> {
  running.delete(child);
  const { promise, resolve } = Promise.withResolvers<void>();
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.once('exit', () => resolve());
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
  return promise;
}

/** The standard output of a program that ends by itself; throws when it fails. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const { child, output } = start(command, args);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', (code) => resolve(code));
  // A program that has printed its line and does not end is no failure; on a busy machine it has been seen to hang at its end.
  const over = setInterval(() => {
    if (!output().endsWith('\n')) return;
    child.kill('SIGKILL');
    resolve(0);
  }, 5_000);
  const code = await promise;
  clearInterval(over);
  running.delete(child);
  if (code !== 0) throw new Error(`${command} ${args.join(' ').slice(0, 80)}: ${output()}`);
  return output();
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = server.address() as AddressInfo;
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  return port;
}

/** The path of a program in PATH or in the given folders; undefined when it is not there. */
export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  for (const folder of [...folders, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/** A process and what it started, from Linux's /proc; only itself elsewhere. */
function family(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return [pid, ...children.flatMap(family)];
  } catch {
    return [pid];
  }
}

/** Kilobytes resident; NaN where /proc is not. Pages that a process shares with its children count once for each. */
export function residentKb(pid: number): number {
  return sum(pid, (one) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1]));
}

/** Milliseconds of processor time used so far. */
export function cpuMs(pid: number): number {
  return sum(pid, (one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  });
}

function sum(pid: number, of: (pid: number) => number): number {
  try {
    return family(pid).reduce((total, one) => total + of(one), 0);
  } catch {
    return Number.NaN;
  }
}

import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { kill, pid } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFileExclusively } from '../atomic-file.ts';
import { CliError } from '../errors.ts';
import { shellWord } from '../shell-word.ts';
import { projectPaths } from './paths.ts';

const POLL = 50;
/** Milliseconds; starting a project takes a second or two. */
const DEFAULT_WAIT = 30_000;
/** Milliseconds. Taking over a lock is a matter of a few file operations; a guard this old was left by a crash. */
const GUARD_LIFETIME = 5_000;

const UNWRITABLE = ['ENOSPC', 'EDQUOT', 'EROFS'];

interface Holder {
  pid: number;
  /** Start of the process as the kernel counts it: a pid alone may have been given to another process since. */
  started?: string;
  what: string;
}

export interface LockOptions {
  /** What is done under the lock, for whoever has to wait: `mcpgw up`. */
  what: string;
  signal: AbortSignal;
  /** Milliseconds to wait for another holder. */
  wait?: number;
  /** Where no lock can be written, on a full disk or a read-only one, the work is done without: for what makes room. */
  optional?: boolean;
}

/** Runs `work` while no other mcpgw changes the same project. A lock whose process is gone is taken over. */
export async function withLock<T>(folder: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const file = projectPaths(folder).lock;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await acquire(file, options);
  } catch (error) {
    if (options.optional && UNWRITABLE.includes((error as NodeJS.ErrnoException).code ?? '')) return work();
    throw error;
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string, { what, signal, wait = DEFAULT_WAIT }: LockOptions): Promise<void> {
  const mine: Holder = { pid, what };
  const started = await startOf(pid);
  if (started !== undefined) mine.started = started;
  const deadline = performance.now() + wait;
  for (;;) {
    signal.throwIfAborted();
    if (await createFileExclusively(file, JSON.stringify(mine))) return;
    const holder = await readHolder(file);
    if (!(await isHeld(file, holder)) && (await removeStale(file))) continue;
    if (performance.now() >= deadline) throw stillHeld(file, holder, wait);
    await sleep(POLL, undefined, { signal });
  }
}

/**
 * Two waiters may find the same stale lock, and the slower one must not remove the new lock of the faster: a second file lets one
 * of them in, and that one looks again. Answers whether it removed the lock.
 */
async function removeStale(file: string): Promise<boolean> {
  const guard = `${file}.takeover`;
  if (!(await createFileExclusively(guard, String(pid)))) {
    const age = await stat(guard).then(
      (stats) => Date.now() - stats.mtimeMs,
      () => 0,
    );
    if (age > GUARD_LIFETIME) await rm(guard, { force: true });
    return false;
  }
  try {
    const holder = await readHolder(file);
    if (await isHeld(file, holder)) return false;
    await rm(file, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Undefined while the holder is still writing its file, and when the file is gone again. */
async function readHolder(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

/** A lock that names nobody is one that is just being written, or one whose writer was killed over it. */
async function isHeld(file: string, holder: Holder | undefined): Promise<boolean> {
  if (holder) return isAlive(holder);
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs < GUARD_LIFETIME;
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const started = await startOf(holder.pid);
  return started === undefined || holder.started === undefined || started === holder.started;
}

/** Field 22 of /proc/PID/stat (proc(5)); undefined where there is no /proc. */
async function startOf(process: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${process}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in brackets and may hold blanks.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function stillHeld(file: string, holder: Holder | undefined, wait: number): CliError {
  const who = holder ? `${holder.what} (pid ${holder.pid})` : 'another mcpgw';
  return new CliError({
    code: 'PROJECT_BUSY',
    message: `${who} has been changing this project for ${wait / 1000} s`,
    fix: holder ? `wait until it ends, or stop it: kill ${holder.pid}` : `rm ${shellWord(file)}`,
    ...(holder ? { details: { pid: holder.pid, what: holder.what } } : {}),
  });
}

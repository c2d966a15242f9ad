import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFileExclusively } from '../atomic-file.ts';
import { abortError } from './http.ts';

/** A holder touches its lock this often, in milliseconds, so that one left by a killed process is seen as such. */
const HEARTBEAT = 1_000;
const STALE_AFTER = 6_000;
const POLL = 50;

/**
 * Does `work` while no other process holds `file`. `onWait` is called once when it has to wait. A lock whose holder is gone is
 * taken over after six seconds.
 */
export async function withFileLock<T>(
  file: string,
  options: { signal: AbortSignal; onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  const owner = randomUUID();
  await acquire(file, owner, options);
  const timer = setInterval(() => void touch(file), HEARTBEAT);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if ((await ownerOf(file)) === owner) await rm(file, { force: true });
  }
}

async function acquire(
  file: string,
  owner: string,
  { signal, onWait }: { signal: AbortSignal; onWait?: () => void },
): Promise<void> {
  let told = false;
  while (!(await createFileExclusively(file, owner))) {
    if (signal.aborted) throw abortError(signal);
    await removeStale(file);
    if (!told) onWait?.();
    told = true;
    await sleep(POLL);
  }
}

/** Two processes may see the same stale lock: it is moved aside, and put back when it turns out to be a fresh one. */
async function removeStale(file: string): Promise<void> {
  const seen = await stat(file).catch(() => undefined);
  if (!seen || Date.now() - seen.mtimeMs < STALE_AFTER) return;
  const owner = await ownerOf(file);
  const aside = `${file}.${randomUUID()}`;
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await ownerOf(aside)) !== owner) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function ownerOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  // The state folder may have been deleted meanwhile; the work itself will find out.
  await utimes(file, now, now).catch(() => undefined);
}

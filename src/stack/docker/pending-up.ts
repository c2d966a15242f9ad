import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '../../atomic-file.ts';
import { endGroup, identify, isAlive, type ProcessIdentity } from '../process-identity.ts';

const FILE = 'compose-up.json';
const GRACE = 5_000;
const POLL_MS = 100;

/** Remembers a `docker compose up` that may outlive the command that began it. */
export async function rememberUp(folder: string, pid: number): Promise<void> {
  const identity = await identify(pid);
  if (!identity) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomic(join(folder, FILE), JSON.stringify(identity), 0o600);
}

export async function forgetUp(folder: string): Promise<void> {
  await rm(join(folder, FILE), { force: true });
}

/** Waits for one that still runs: two at once would create the same containers. */
export async function awaitUp(folder: string, signal: AbortSignal): Promise<void> {
  const identity = await read(folder);
  if (identity) while (await isAlive(identity)) await sleep(POLL_MS, undefined, { signal });
  await forgetUp(folder);
}

/** Ends one that still runs: it would start again what is being stopped. */
export async function endUp(folder: string): Promise<void> {
  const identity = await read(folder);
  if (identity) await endGroup(identity, GRACE);
  await forgetUp(folder);
}

async function read(folder: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(folder, FILE), 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

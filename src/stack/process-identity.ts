import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** A process that a reused number cannot be mistaken for. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the system's own words; opaque. */
  start: string;
}

/** The identity of a running process; undefined when there is none of that number. A zombie does not run. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const start = process.platform === 'linux' ? await startFromProc(pid) : await startFromPs(pid);
  return start === undefined ? undefined : { pid, start };
}

/** Whether that very process still runs. */
export async function isAlive({ pid, start }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.start === start;
}

/** The boot's identifier stands in it because start times count from the boot, and numbers begin anew there. */
async function startFromProc(pid: number): Promise<string | undefined> {
  const [stat, boot] = await Promise.all(
    [`/proc/${pid}/stat`, '/proc/sys/kernel/random/boot_id'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  if (!stat) return undefined;
  // proc(5): the second field is the name in parentheses and may hold blanks and parentheses itself.
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return `${boot?.trim()}/${fields[18] ?? ''}`;
}

function startFromPs(pid: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  // The words of the answer depend on language and time zone, and they are compared.
  const env = { LC_ALL: 'C', TZ: 'UTC' };
  execFile('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { env, timeout: 2_000 }, (error, stdout) => {
    const [state = '', ...start] = stdout.trim().split(/\s+/);
    resolve(error || state.startsWith('Z') || start.length === 0 ? undefined : start.join(' '));
  });
  return promise;
}

/** Sends a signal to that very process and its group; false when it is gone. */
export async function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    process.kill(-identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Waits until that very process is gone; false when it still runs after `timeout` milliseconds. */
export async function waitForExit(identity: ProcessIdentity, timeout: number): Promise<boolean> {
  const deadline = Date.now() + timeout;
  while (await isAlive(identity)) {
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return true;
}

/** Ends a process group: SIGTERM, then after `grace` milliseconds SIGKILL. */
export async function endGroup(identity: ProcessIdentity, grace: number): Promise<void> {
  if (!(await signalGroup(identity, 'SIGTERM'))) return;
  if (await waitForExit(identity, grace)) return;
  await signalGroup(identity, 'SIGKILL');
  await waitForExit(identity, 2_000);
}

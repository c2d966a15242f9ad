import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { installPackages } from './debian.ts';
import { CACHE, DAEMON_LOG, DATA_ROOT, PID_FILE, SOCKET } from './places.ts';
import { ask, step } from './run.ts';

/** Milliseconds until a started dockerd must answer. */
const START_LIMIT = 60_000;

export interface RunningEngine {
  version: string;
  /** Of the dockerd that the rig started; absent for any other engine. */
  pid?: number;
}

export async function findEngine(): Promise<RunningEngine | undefined> {
  const version = await ask('docker', ['version', '--format', '{{.Server.Version}}']);
  if (!version) return undefined;
  const pid = ownDaemon();
  return pid === undefined ? { version } : { version, pid };
}

/** Installs and starts what is missing; an engine that answers is left as it is. */
export async function ensureEngine(): Promise<RunningEngine> {
  const found = await findEngine();
  const missing = [
    ...(found || existsSync('/usr/sbin/dockerd') ? [] : ['docker.io']),
    ...(found || existsSync('/usr/sbin/iptables') ? [] : ['iptables']),
    ...(existsSync('/usr/sbin/debootstrap') ? [] : ['debootstrap']),
  ];
  if (missing.length > 0) await step(`packages ${missing.join(' ')}`, async () => installPackages(missing));
  return found ?? step('dockerd', startDaemon);
}

async function startDaemon(): Promise<RunningEngine> {
  await mkdir(DATA_ROOT, { recursive: true });
  // A dockerd that was killed leaves its pid file, which may name another process by now.
  if (ownDaemon() === undefined) await rm('/var/run/docker.pid', { force: true });
  const log = openSync(DAEMON_LOG, 'w');
  const child = spawn('dockerd', ['--data-root', DATA_ROOT, '-H', `unix://${SOCKET}`], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const fate: { ended?: string } = {};
  child.once('error', (error) => (fate.ended = error.message));
  child.once('exit', (code) => (fate.ended = `exit ${code ?? 'by a signal'}`));
  child.unref();
  await writeFile(PID_FILE, String(child.pid));
  const deadline = Date.now() + START_LIMIT;
  while (fate.ended === undefined && Date.now() < deadline) {
    const engine = await findEngine();
    if (engine) return engine;
    await wait(200);
  }
  const words = readFileSync(DAEMON_LOG, 'utf8').trim().split('\n').slice(-3).join('\n');
  throw new Error(`dockerd did not start (${fate.ended ?? 'no answer in time'}): ${words}`);
}

/** The dockerd in the pid file, if it is still that. */
function ownDaemon(): number | undefined {
  try {
    const pid = Number(readFileSync(PID_FILE, 'utf8'));
    return readlinkSync(`/proc/${pid}/exe`).endsWith('/dockerd') ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the dockerd that the rig started, with its containers. False: there is none. */
export async function stopEngine(): Promise<boolean> {
  const pid = ownDaemon();
  if (pid === undefined) return false;
  process.kill(pid, 'SIGTERM');
  while (ownDaemon() !== undefined) await wait(100);
  await rm(PID_FILE, { force: true });
  return true;
}

export async function ensureCache(): Promise<void> {
  await mkdir(CACHE, { recursive: true });
}

/**
 * Makes a real Docker Engine usable for the tests on a Debian machine, as root: `node test/docker/rig.ts up|status|down`.
 * What is there is used, what is missing is installed or built; a second `up` finds everything in place.
 */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dockerReady } from './engine.ts';
import { ensureCompose, findCompose } from './rig/compose.ts';
import { ensureCache, ensureEngine, findEngine, stopEngine } from './rig/daemon.ts';
import { ensureImages, findImages } from './rig/images.ts';
import { CACHE, SOCKET } from './rig/places.ts';
import { step } from './rig/run.ts';

async function up(): Promise<void> {
  await ensureCache();
  const engine = await ensureEngine();
  process.stderr.write(`engine ${engine.version}\n`);
  await Promise.all([ensureCompose(), ensureImages()]);
}

async function status(failure?: string): Promise<void> {
  const [engine, compose, images, ready] = await Promise.all([
    findEngine(),
    findCompose(),
    findImages(),
    dockerReady(),
  ]);
  const reason = failure ?? (ready.ok ? undefined : ready.reason);
  const found = engine && { ...engine, socket: `unix://${SOCKET}` };
  process.stdout.write(`${JSON.stringify({ engine: found, compose, images, reason }, null, 2)}\n`);
  if (failure !== undefined) process.stderr.write(`${failure}\n`);
  process.exitCode = reason === undefined ? 0 : 3;
}

/** Two runs at once would start two engines: the second waits for the first. */
async function alone(work: () => Promise<void>): Promise<void> {
  await ensureCache();
  const lock = join(CACHE, 'rig.lock');
  while (!(await take(lock))) await wait(500);
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    // Whoever was killed cannot give it back.
    if (holder > 0 && !existsSync(`/proc/${holder}`)) await rm(lock, { force: true });
    return false;
  }
}

async function main(command: string | undefined): Promise<void> {
  switch (command) {
    case 'up': {
      let failure: string | undefined;
      await step('total', async () => alone(up).catch((error: unknown) => (failure = String(error))));
      return status(failure);
    }
    case 'status':
      return status();
    case 'down':
      process.stderr.write((await stopEngine()) ? 'dockerd ended\n' : 'no dockerd of the rig runs\n');
      return;
    default:
      process.stderr.write('usage: node test/docker/rig.ts up|status|down\n');
      process.exitCode = 2;
  }
}

await main(process.argv[2]);

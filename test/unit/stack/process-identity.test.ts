import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { endGroup, identify, isAlive, signalGroup, waitForExit } from '../../../src/stack/process-identity.ts';

/** A process in a group of its own, which ends with the test. */
async function startProcess(script: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = child.pid ?? 0;
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  });
  await once(child.stdout, 'data');
  return pid;
}

const WAITS = 'console.log("up"); setInterval(() => {}, 1000)';
const DEAF = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';

describe('identity of a process', () => {
  test('is the same at each look, and gone with the process', async () => {
    const identity = await identify(await startProcess(WAITS));
    expect(identity).toBeDefined();
    if (!identity) return;
    expect(await identify(identity.pid)).toEqual(identity);
    expect(await isAlive(identity)).toBe(true);
    await endGroup(identity, 3_000);
    expect(await isAlive(identity)).toBe(false);
    expect(await identify(identity.pid)).toBeUndefined();
  });

  test('is not that of another process with the same number', async () => {
    const pid = await startProcess(WAITS);
    const other = { pid, start: 'before the reboot' };
    expect(await isAlive(other)).toBe(false);
    expect(await signalGroup(other, 'SIGKILL')).toBe(false);
    expect(await identify(pid)).toBeDefined();
  });

  test('a process that does not hear SIGTERM is killed after its grace', async () => {
    const identity = await identify(await startProcess(DEAF));
    if (!identity) throw new Error('the process is not there');
    await signalGroup(identity, 'SIGTERM');
    expect(await waitForExit(identity, 100)).toBe(false);
    await endGroup(identity, 100);
    expect(await isAlive(identity)).toBe(false);
  });
});

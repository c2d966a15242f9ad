import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { LogEntry } from '../../../src/net/log.ts';
import { ChildService } from '../../../src/stack/embedded/child-service.ts';
import { findFreePort } from '../../../src/stack/free-port.ts';
import type { ServiceStatus } from '../../../src/stack/engine.ts';
import { identify, isAlive, type ProcessIdentity } from '../../../src/stack/process-identity.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-child-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

interface Started {
  service: ChildService;
  port: number;
  entries: LogEntry[];
  identities: (ProcessIdentity | undefined)[];
  until: (reached: (status: ServiceStatus) => boolean) => Promise<ServiceStatus>;
}

async function start(command: string[], port?: number): Promise<Started> {
  const entries: LogEntry[] = [];
  const identities: (ProcessIdentity | undefined)[] = [];
  const real = port ?? (await findFreePort());
  const service = new ChildService({
    name: 'mine',
    hash: 'h',
    command,
    folder,
    environment: { PATH: process.env['PATH'], PORT: String(real) },
    port: real,
    log: (entry) => entries.push(entry),
    onProcess: (identity) => identities.push(identity),
    backoff: { first: 10, longest: 40, forgiveAfter: 60_000 },
  });
  onTestFinished(async () => service.stop());
  await service.start();
  const until: Started['until'] = async (reached) => {
    for (;;) {
      const status = await service.status();
      if (reached(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return { service, port: real, entries, identities, until };
}

const node = (script: string): string[] => [process.execPath, '-e', script];
const SERVER =
  'require("node:net").createServer().listen(Number(process.env.PORT), "127.0.0.1", () => console.log("up"))';

describe('a server as a child process', () => {
  test('is healthy once it listens where PORT tells it; its output is in the log', async () => {
    const { until, port, entries, identities } = await start(node(`${SERVER}; console.error("to stderr")`));
    expect(await until((status) => status.health === 'healthy')).toMatchObject({
      state: 'running',
      address: `127.0.0.1:${port}`,
      restarts: 0,
      pid: identities[0]?.pid,
    });
    // It may listen before its output has come through the pipe.
    await expect.poll(() => entries).toContainEqual({ level: 'info', message: 'up', stream: 'stdout' });
    await expect.poll(() => entries).toContainEqual({ level: 'info', message: 'to stderr', stream: 'stderr' });
  });

  test('says so when it runs and does not listen', async () => {
    const { service, port } = await start(node('setInterval(() => {}, 1000)'));
    expect(await service.status()).toMatchObject({
      state: 'starting',
      health: 'unhealthy',
      detail: `does not listen on port ${port}, which PORT tells it`,
    });
  });

  test('is started again after each crash, at growing intervals that have an end', async () => {
    const { until, entries } = await start(node('process.exit(3)'));
    const status = await until(({ restarts, state }) => restarts >= 4 && state === 'crashed');
    expect(status).toMatchObject({ health: 'unhealthy', detail: 'exited with code 3' });
    const pauses = entries.filter((entry) => entry.level === 'error').map((entry) => entry.message);
    expect(pauses.slice(0, 4)).toEqual([0.01, 0.02, 0.04, 0.04].map((s) => `exited with code 3; next start in ${s} s`));
  });

  test('a program that is not there is told by name', async () => {
    const { until } = await start(['no-such-program-here']);
    expect(await until(({ state }) => state === 'crashed')).toMatchObject({
      detail: expect.stringContaining('no-such-program-here was not found') as unknown,
    });
  });

  test('is not started on a port that another program holds, which is named', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    const { until, identities } = await start(node(SERVER), port);
    const status = await until(({ state }) => state === 'crashed');
    expect(status.detail).toMatch(new RegExp(`^port ${port} is held by `));
    expect(identities.every((identity) => identity === undefined)).toBe(true);
  });

  test('ends with everything it started', async () => {
    const script = `const c = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {stdio: "ignore"});
      console.log("child " + c.pid); ${SERVER}`;
    const { service, until, entries, identities } = await start(node(script));
    await until((status) => status.health === 'healthy');
    const grandchild = Number(/child (\d+)/.exec(entries.map((entry) => entry.message).join('\n'))?.[1]);
    await service.stop();
    expect(await service.status()).toMatchObject({ state: 'stopped', health: 'unhealthy' });
    const [identity] = identities;
    expect(identity && (await isAlive(identity))).toBe(false);
    // SIGTERM went to the whole group; its members end in their own time.
    await expect.poll(async () => identify(grandchild)).toBeUndefined();
  });
});

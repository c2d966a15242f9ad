import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAnnouncements } from '../../../src/stack/embedded/announcements.ts';
import { settle } from '../../../src/stack/embedded/settle.ts';
import { within } from '../../../src/stack/embedded/within.ts';
import type { ServicePart } from '../../../src/stack/embedded/part.ts';
import type { ProgressEvent, ServiceStatus } from '../../../src/stack/engine.ts';
import { lastMessages } from '../../../src/stack/logs/last-messages.ts';

const READY: ProgressEvent = { part: 'gateway', state: 'ready', text: 'up' };

describe('what the engine tells while it works', () => {
  test('reaches whoever listens then, and is kept for later ones only during the start', async () => {
    const announcements = createAnnouncements();
    const heard: ProgressEvent[] = [];
    const work = Promise.withResolvers<string>();
    const listening = announcements.during(work.promise, (event) => heard.push(event));
    announcements.tell(READY);
    announcements.forget();
    announcements.tell({ ...READY, text: 'again' });
    work.resolve('done');
    expect(await listening).toBe('done');
    announcements.tell({ ...READY, text: 'too late' });
    expect(heard.map((event) => event.text)).toEqual(['up', 'again']);
    expect(announcements.told).toEqual([READY]);
    await announcements.heard;
  });

  test('passes a failure on', async () => {
    const announcements = createAnnouncements();
    const failing = announcements.during(Promise.reject(new Error('no')), () => undefined);
    await expect(failing).rejects.toThrow('no');
    await announcements.heard;
  });
});

function part(name: string, ...statuses: Partial<ServiceStatus>[]): ServicePart {
  let looks = 0;
  return {
    name,
    kind: 'server',
    hash: '',
    start: async () => undefined,
    stop: async () => undefined,
    summary: () => `${name} is up`,
    status: async () => ({
      name,
      kind: 'server',
      state: 'running',
      health: 'unhealthy',
      restarts: 0,
      ...statuses[Math.min(looks++, statuses.length - 1)],
    }),
  };
}

async function settled(parts: ServicePart[], signal = new AbortController().signal): Promise<string[]> {
  const told: string[] = [];
  await settle(parts, (event) => told.push(`${event.part} ${event.state} ${event.text}`.trim()), signal);
  return told;
}

describe('waiting for the parts', () => {
  test('ends for each when it is healthy, tells a reason once, and for a crash after the second one', async () => {
    const starting = { detail: 'does not listen', state: 'starting' } as const;
    expect(await settled([part('a', starting, starting, { health: 'healthy' })])).toEqual([
      'a working',
      'a working does not listen',
      'a ready a is up',
    ]);
    const crash = { state: 'crashed', detail: 'exited with code 1' } as const;
    expect((await settled([part('b', crash, { ...crash, restarts: 1 })])).at(-1)).toBe(
      'b failed crashed: exited with code 1',
    );
  });

  test('ends at once for what will not come, and when the engine stops', async () => {
    expect((await settled([part('c', { state: 'failed', detail: 'no file' })])).at(-1)).toBe(
      'c failed failed: no file',
    );
    const told = await settled([part('d', { state: 'starting' })], AbortSignal.abort());
    expect(told.at(-1)).toBe('d failed starting: it does not answer');
  });
});

describe('bounded waiting', () => {
  test('leaves behind what does not end, and passes failures on', async () => {
    await within(5, new Promise(() => undefined));
    await within(5, undefined);
    await expect(within(1_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

describe('last words of a service', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcpgw-last-'));
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  test('are the messages of its last lines', async () => {
    const lines = Array.from({ length: 12 }, (_, i) =>
      JSON.stringify({ time: '2026-11-25T10:00:00.000Z', message: `m${i}` }),
    );
    await writeFile(join(folder, 'mine.log'), `${lines.join('\n')}\nplain\n`);
    expect(await readFile(join(folder, 'mine.log'), 'utf8')).toContain('m0');
    const last = await lastMessages(folder, 'mine');
    expect([last.length, last[0], last.at(-1)]).toEqual([10, 'm3', 'plain']);
  });
});

import { PassThrough, type Readable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import type { LogOptions } from '../../../../src/stack/docker/docker-api.ts';
import { logLines, readStamp, splitLines } from '../../../../src/stack/docker/frames.ts';
import { dockerLogs } from '../../../../src/stack/docker/log-source.ts';
import type { LogSource } from '../../../../src/stack/logs/log-source.ts';
import { styleFor } from '../../../../src/ui/colour.ts';
import { LogFormatter } from '../../../../src/ui/screens/logs.ts';
import { container, fakeApi, frame, recorded, streamOf } from './helpers.ts';

async function collect(lines: AsyncGenerator<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test('a log’s frames become lines, wherever the pieces were cut', async () => {
  const bytes = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'error\n'), frame(1, 'o\nthree')]);
  for (const size of [1, 3, 7, bytes.length]) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    expect(await collect(logLines(streamOf(...chunks)))).toEqual(['one', 'error', 'two', 'three']);
  }
});

test('a container with a terminal has no frames', async () => {
  expect(await collect(logLines(streamOf(Buffer.from('one\r\ntwo\r\n'))))).toEqual(['one', 'two']);
  expect(await collect(splitLines(streamOf(Buffer.from('{"a":1}\r\n{"b"'), Buffer.from(':2}'))))).toEqual([
    '{"a":1}',
    '{"b":2}',
  ]);
});

test('Docker’s time comes off, kept to the nanosecond and shown to the millisecond', () => {
  expect(readStamp('2026-11-25T10:00:00.123456789Z {"a":1}')).toEqual({
    time: '2026-11-25T10:00:00.123Z',
    stamp: '2026-11-25T10:00:00.123456789Z',
    text: '{"a":1}',
  });
  expect(readStamp('no time')).toMatchObject({ text: 'no time' });
});

const at = (second: number, text: string): Buffer => frame(1, `2026-11-25T10:00:0${second}.000000000Z ${text}\n`);

function source(logs: Record<string, (options: LogOptions) => Readable>): LogSource {
  return dockerLogs({
    api: async () => fakeApi({ log: async (id, options) => logs[id]?.(options) ?? streamOf() }),
    containers: async () => Object.keys(logs).map((service) => container({ id: service, service })),
    alias: (name) => (name === 'gateway' ? 'pomerium' : name),
  });
}

test('services are merged by time, and only the newest lines are shown', async () => {
  const logs = source({
    pomerium: () => streamOf(at(1, 'p1'), at(4, 'p4')),
    postgres: () => streamOf(at(2, 's2'), at(3, 's3')),
  });
  const lines = await logs.open([]).recent({ tail: 3 });
  expect(lines.map(({ service, raw }) => `${service} ${raw}`)).toEqual(['postgres s2', 'postgres s3', 'pomerium p4']);
});

test('one service can be asked for, the gateway also by what it is', async () => {
  const logs = source({ pomerium: () => streamOf(at(1, 'p1')), postgres: () => streamOf(at(2, 's2')) });
  expect((await logs.open(['gateway']).recent({ tail: 9 })).map(({ raw }) => raw)).toEqual(['p1']);
  expect(await logs.services()).toEqual(['pomerium', 'postgres', 'gateway']);
});

test('following takes up where the look back ended, and shows no line twice', async () => {
  const live = new PassThrough();
  const asked: LogOptions[] = [];
  const logs = source({
    pomerium: (options) => {
      asked.push(options);
      return options.follow ? live : streamOf(at(1, 'p1'), at(2, 'p2'));
    },
  });
  const reader = logs.open([]);
  await reader.recent({ tail: 9 });
  live.write(at(2, 'p2'));
  live.write(at(3, 'p3'));
  const seen: string[] = [];
  await vi.waitFor(async () => {
    seen.push(...(await reader.fresh()).map(({ raw }) => raw));
    expect(seen).toEqual(['p3']);
  });
  expect(asked[1]).toMatchObject({ follow: true, since: `${Date.parse('2026-11-25T10:00:02Z') / 1000}.000000000` });
  reader.close();
  expect(asked[1]?.signal?.aborted).toBe(true);
});

test('--since reaches Docker as seconds', async () => {
  let asked: LogOptions = {};
  const logs = source({
    pomerium: (options) => {
      asked = options;
      return streamOf();
    },
  });
  await logs.open([]).recent({ tail: Infinity, since: '2026-11-25T10:00:00.250Z' });
  expect(asked).toEqual({ since: `${Date.parse('2026-11-25T10:00:00Z') / 1000}.250000000` });
});

/** A container that has said three lines and says another one while it is followed. */
function threeThenOne(options: LogOptions): Readable {
  const since = Number(options.since ?? 0);
  const kept = [1, 2, 3].filter((second) => Date.parse(`2026-11-25T10:00:0${second}Z`) / 1000 >= since);
  const tail = options.tail ?? kept.length;
  const old = (tail === 0 ? [] : kept.slice(-tail)).map((second) => at(second, `old ${second}`));
  return streamOf(...old, ...(options.follow ? [at(7, 'new')] : []));
}

test.each([
  ['a look back that found nothing', { tail: Infinity, since: '2026-11-25T10:00:05.250Z' }],
  ['no look back at all', { tail: 0 }],
])('after %s, following shows no older line', async (_what, recent) => {
  const reader = source({ pomerium: threeThenOne }).open([]);
  expect(await reader.recent(recent)).toEqual([]);
  const seen: string[] = [];
  await vi.waitFor(async () => {
    seen.push(...(await reader.fresh()).map(({ raw }) => raw));
    expect(seen).toContain('new');
  });
  reader.close();
  expect(seen).toEqual(['new']);
});

test('Pomerium’s two lines of a call read as one: who, where, which tool, allowed, how long', () => {
  const formatter = new LogFormatter(styleFor(new PassThrough(), {}), true);
  const texts = recorded('call', 'reload-unknown-key').flatMap((line) => formatter.format(line) ?? []);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(/pomerium +alice@company\.com {2}whoami {2}tools\/call whoami {2}allowed {2}200 {2}\d+ ms$/);
});

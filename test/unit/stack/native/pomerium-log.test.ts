import { expect, test } from 'vitest';
import type { LogEntry } from '../../../../src/net/log.ts';
import { createPomeriumLog } from '../../../../src/stack/native/pomerium-log.ts';

/** Lines as a process writes them; the entries that are kept. */
function feed(...lines: unknown[]): { entries: LogEntry[]; log: ReturnType<typeof createPomeriumLog> } {
  const entries: LogEntry[] = [];
  const log = createPomeriumLog((entry) => entries.push(entry));
  for (const line of lines) {
    const message = typeof line === 'string' ? line : JSON.stringify(line);
    log.log({ level: 'info', message, stream: 'stdout' });
  }
  return { entries, log };
}

test('lines of Pomerium are kept with their own time and level, others as they are', () => {
  const { entries, log } = feed(
    { level: 'error', time: '2026-11-25T10:00:00Z', message: 'x', error: 'y' },
    'plain',
    '{broken',
  );
  log.log({ level: 'info', message: 'started as pid 1' });
  expect(entries).toEqual([
    { level: 'error', time: '2026-11-25T10:00:00Z', message: 'x', error: 'y' },
    { level: 'info', message: 'plain', stream: 'stdout' },
    { level: 'info', message: '{broken', stream: 'stdout' },
    { level: 'info', message: 'started as pid 1' },
  ]);
});

test('the reason of a fatal error is remembered', () => {
  expect(feed({ level: 'fatal', error: 'config: bad', message: 'cmd/pomerium' }).log.lastWords).toBe('config: bad');
  expect(feed({ level: 'error', error: 'noise', message: 'm' }).log.lastWords).toBeUndefined();
});

test('a refused configuration is known until another one is read', () => {
  const { log } = feed(
    { level: 'info', message: 'config: file updated, reconfiguring...' },
    { level: 'error', message: 'config: error updating config', error: 'unknown criterion' },
  );
  expect(log.refusal).toBe('unknown criterion');
  log.log({ level: 'info', message: '{"message":"config: file updated, reconfiguring..."}', stream: 'stdout' });
  expect(log.refusal).toBeUndefined();
});

test('waits until a changed file was read', async () => {
  const { log } = feed();
  const waiting = log.untilReread(60_000);
  log.log({ level: 'info', message: '{"message":"config: file updated, reconfiguring..."}', stream: 'stdout' });
  await waiting;
  await log.untilReread(1);
});

import { expect, test } from 'vitest';
import { lineLog } from '../../../src/net/log.ts';

test('lines are written together, each with the time at which it was logged', () => {
  const written: string[] = [];
  let now = 0;
  const { log, flush } = lineLog(
    (text) => written.push(text),
    () => now,
  );
  log({ level: 'info', message: 'one' });
  now = 1_000;
  log({ level: 'warn', message: 'two "quoted"', path: '/' });
  expect(written).toEqual([]);
  flush();
  expect(written).toEqual([
    '{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"one"}\n{"time":"1970-01-01T00:00:01.000Z","level":"warn","message":"two \\"quoted\\"","path":"/"}\n',
  ]);
  flush();
  expect(written).toHaveLength(1);
});

test('a line does not wait for others for ever', async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { log } = lineLog(resolve, () => 0);
  log({ level: 'info', message: 'alone' });
  expect(await promise).toContain('"alone"');
});

test('a flood is written before the delay is over', () => {
  const written: string[] = [];
  const { log, flush } = lineLog(
    (text) => written.push(text),
    () => 0,
  );
  for (let i = 0; i < 1_000; i++) log({ level: 'info', message: String(i) });
  expect(written).toHaveLength(1);
  flush();
  expect(written.join('').split('\n')).toHaveLength(1_001);
});

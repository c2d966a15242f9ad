import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLogReader } from '../../../src/stack/logs/log-reader.ts';
import { RotatingLog } from '../../../src/stack/logs/rotating-log.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-logs-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

const line = (time: string, message: string): string => `${JSON.stringify({ time, level: 'info', message })}\n`;
const at = (second: number): string => `2026-11-25T10:00:${String(second).padStart(2, '0')}.000Z`;
const messages = (lines: readonly { fields?: Record<string, unknown>; raw: string }[]): unknown[] =>
  lines.map(({ fields, raw }) => fields?.['message'] ?? raw);

describe('a service’s log', () => {
  test('writes one JSON object a line, readable by its owner only', async () => {
    const file = join(folder, 'a.log');
    const log = new RotatingLog(file);
    log.log({ level: 'info', message: 'one', port: 1 });
    log.log({ level: 'warn', message: 'two\nlines' });
    await log.close();
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    expect(lines.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { level: 'info', message: 'one', port: 1 },
      { level: 'warn', message: 'two\nlines' },
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('keeps three files and loses no line between them', async () => {
    const file = join(folder, 'a.log');
    const log = new RotatingLog(file, { size: 1_000, files: 3 });
    for (let i = 0; i < 12; i++) {
      log.log({ level: 'info', message: `${i}`.padEnd(180, '.') });
      log.flushNow();
      // Rotation happens where batches are written, so each line is one.
      log.log({ level: 'info', message: `${i}b`.padEnd(180, '.') });
      await log.close();
    }
    expect((await readdir(folder)).toSorted()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    const newest = messages(await openLogReader(folder, ['a']).recent({ tail: 6 })).map((text) =>
      String(text).replace(/\.+$/, ''),
    );
    expect(newest).toEqual(['9', '9b', '10', '10b', '11', '11b']);
  });

  test('does not bring a deleted project back', async () => {
    const inner = join(folder, 'project');
    const log = new RotatingLog(join(inner, 'logs', 'a.log'));
    await rm(inner, { recursive: true });
    log.log({ level: 'info', message: 'lost' });
    await log.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('goes on when its folder was deleted, and says that lines were lost', async () => {
    const inner = join(folder, 'logs');
    const file = join(inner, 'a.log');
    const log = new RotatingLog(file);
    await rm(inner, { recursive: true });
    log.log({ level: 'info', message: 'lost' });
    await log.close();
    log.log({ level: 'info', message: 'kept' });
    await log.close();
    expect(messages(await openLogReader(inner, ['a']).recent({ tail: 9 }))).toEqual([
      'kept',
      'lines lost because the log could not be written: 1',
    ]);
  });
});

describe('reading logs', () => {
  test('merges services by time and keeps the newest lines', async () => {
    await writeFile(join(folder, 'a.log'), line(at(1), 'a1') + line(at(4), 'a4'));
    await writeFile(join(folder, 'b.log'), line(at(2), 'b2') + line(at(3), 'b3'));
    const reader = openLogReader(folder, []);
    expect(messages(await reader.recent({ tail: 3 }))).toEqual(['b2', 'b3', 'a4']);
    expect(messages(await reader.recent({ tail: Infinity, since: at(3) }))).toEqual(['b3', 'a4']);
    expect(messages(await openLogReader(folder, ['b']).recent({ tail: 9 }))).toEqual(['b2', 'b3']);
    expect(messages(await reader.recent({ tail: 0 }))).toEqual([]);
  });

  test('gives lines that are no JSON the time of the line before', async () => {
    await writeFile(join(folder, 'a.log'), `${line(at(5), 'a5')}Error: boom\n    at main\n`);
    await writeFile(join(folder, 'b.log'), line(at(6), 'b6'));
    const lines = await openLogReader(folder, []).recent({ tail: 9 });
    expect(messages(lines)).toEqual(['a5', 'Error: boom', '    at main', 'b6']);
  });

  test('follows across rotation, half lines, new services and a file that was cut', async () => {
    const file = join(folder, 'a.log');
    await writeFile(file, line(at(1), 'a1'));
    const reader = openLogReader(folder, []);
    await reader.recent({ tail: 9 });
    expect(await reader.fresh()).toEqual([]);

    const whole = line(at(2), 'a2 ünï');
    const half = Buffer.from(whole);
    await appendFile(file, half.subarray(0, half.length - 6));
    expect(await reader.fresh()).toEqual([]);
    await appendFile(file, half.subarray(half.length - 6));
    expect(messages(await reader.fresh())).toEqual(['a2 ünï']);

    await appendFile(file, line(at(3), 'last of the old file'));
    await writeFile(`${file}.1`, await readFile(file));
    const { rename } = await import('node:fs/promises');
    await rename(file, `${file}.1`);
    await writeFile(file, line(at(4), 'first of the new file'));
    await writeFile(join(folder, 'b.log'), line(at(5), 'b5'));
    expect(messages(await reader.fresh())).toEqual(['last of the old file', 'first of the new file', 'b5']);

    await writeFile(file, line(at(6), 'cut'));
    expect(messages(await reader.fresh())).toEqual(['cut']);
  });

  test('a folder without logs has no lines', async () => {
    expect(await openLogReader(join(folder, 'none'), []).recent({ tail: 9 })).toEqual([]);
  });
});

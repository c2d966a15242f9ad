import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSampleDatabase, sampleQuestions } from '../../../src/servers/sample-database.ts';
import { temporaryFolder } from '../../helpers/program.ts';
import { callTool, startTestServers } from './helpers.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

async function sample(): Promise<string> {
  const file = join(await temporaryFolder('sample'), 'library.sqlite');
  expect(await createSampleDatabase(file)).toBe(true);
  return file;
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => database.close());
  return database;
}

describe('the sample database', () => {
  test('holds some hundred rows whose references all hold', async () => {
    const database = open(await sample());
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const { n } = database.prepare('SELECT count(*) AS n FROM loans').get() ?? {};
    expect(n).toBeGreaterThan(100);
  });

  test('makes sense: nothing is returned before it was lent, no copy is lent twice at a time, some loans are overdue', async () => {
    const database = open(await sample());
    const count = (sql: string): unknown => database.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.['n'];
    expect(count('loans WHERE returned_on < lent_on OR due_on <= lent_on')).toBe(0);
    expect(count('(SELECT 1 FROM loans WHERE returned_on IS NULL GROUP BY copy_id HAVING count(*) > 1)')).toBe(0);
    expect(count('loans a JOIN loans b ON a.copy_id = b.copy_id AND a.id < b.id AND a.returned_on > b.lent_on')).toBe(
      0,
    );
    expect(count("loans WHERE returned_on IS NULL AND due_on < '2026-11-01'")).toBeGreaterThan(3);
  });

  test('is the same to the byte every time', async () => {
    expect(readFileSync(await sample()).equals(readFileSync(await sample()))).toBe(true);
  });

  test('is never written over a file that is there, and leaves no draft', async () => {
    const file = await sample();
    writeFileSync(file, 'mine');
    expect(await createSampleDatabase(file)).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readdirSync(dirname(file))).toEqual(['library.sqlite']);
  });

  test('a folder that is not there is an error of the system, and nothing is made', async () => {
    const file = join(await temporaryFolder('sample'), 'missing/library.sqlite');
    await expect(createSampleDatabase(file)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(dirname(file))).toBe(false);
  });

  test.each(sampleQuestions)('answers: $question', async ({ sql }) => {
    const { url } = await startTestServers({ sqlite: { file: await sample() } });
    const { texts, isError } = await callTool(`${url}/sqlite`, 'read_query', { query: sql });
    expect(isError, texts[0]).toBe(false);
    expect(texts).toHaveLength(1);
    expect((JSON.parse(texts[0] ?? '') as unknown[]).length).toBeGreaterThan(1);
  });
});

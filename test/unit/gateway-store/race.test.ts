import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Options } from '../../../src/pomerium/model.ts';
import { storeOf } from './open.ts';
import { anAuthorization, aRefreshToken, aSession } from './samples.ts';
import { folder } from './stores.ts';

const PROGRAM = fileURLToPath(new URL('./racing-process.ts', import.meta.url));
const COUNT = 100;

interface Racer {
  child: ChildProcess;
  lines: () => string[];
  ended: Promise<unknown>;
}

async function startRacer(options: Partial<Options>): Promise<Racer> {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options), String(COUNT)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  return { child, ended, lines: () => text.split('\n').slice(1, -1) };
}

test('SQLite: of what four processes trade at the same time, each is won once, and nobody is turned away as busy', async () => {
  const options: Partial<Options> = {
    databroker_storage_type: 'file',
    databroker_storage_connection_string: pathToFileURL(await folder()).href,
  };
  const store = storeOf(options);
  await store.sessions.add(aSession({ id: 's' }));
  for (let i = 0; i < COUNT; i++) {
    await store.authorizations.add(anAuthorization('s', { id: `code-${i}` }));
    await store.authorizations.add(anAuthorization('s', { id: `first-${i}` }));
    await store.redeem(`first-${i}`, aRefreshToken('s', { id: `token-${i}` }));
  }
  await store.close();
  const racers = await Promise.all(Array.from({ length: 4 }, async () => startRacer(options)));
  for (const { child } of racers) child.stdin?.write('go\n');
  await Promise.all(racers.map(async ({ ended }) => ended));
  expect(racers.map(({ child }) => child.exitCode)).toEqual([0, 0, 0, 0]);
  const won = racers.flatMap(({ lines }) => lines());
  expect(won).toHaveLength(2 * COUNT);
  expect(new Set(won).size).toBe(2 * COUNT);
});

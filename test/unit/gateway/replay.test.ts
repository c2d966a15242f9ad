import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRecording, recordingNames } from './support/recordings.ts';
import { IN_SCENES, COMPARED_ELSEWHERE, SKIPPED } from './support/replayed.ts';
import type { Changes } from './support/request-changes.ts';
import { Stage, type Who } from './support/stage.ts';
import { variantOf } from './support/variants.ts';

const LISTED = [...SKIPPED, ...COMPARED_ELSEWHERE, ...IN_SCENES];
/** Recordings that stand for themselves: one request of somebody who is signed in, or of nobody. */
const SINGLE = recordingNames().filter((name) => !LISTED.some(({ of }) => of.test(name)));

/** Clients of the recordings by their ids there, and how they were registered. */
const CLIENTS: Record<string, Record<string, unknown>> = {
  'caafc674-491c-49b3-9fe0-00c6ef15e0c5': {},
  '38813d74-c1c9-40c8-839c-d945f228168d': { token_endpoint_auth_method: 'client_secret_basic' },
  'ec98c6a2-45f7-4494-9051-f6ace083bec1': {
    redirect_uris: ['cursor://anysphere/callback', 'http://localhost/callback', 'http://[::1]/callback'],
  },
  '9bba48bb-bf54-474e-bb14-bffb60c454d2': {
    redirect_uris: ['http://127.0.0.1:7777/callback', 'http://127.0.0.1:7777/other'],
  },
};

describe('recorded exchanges of Pomerium v0.33.1', () => {
  const clients = new Map<string, string>();
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.signIn('alice');
    await stage.signIn('bob');
    for (const [recorded, metadata] of Object.entries(CLIENTS)) {
      clients.set(recorded, (await stage.register(metadata)).client_id);
    }
  });

  afterAll(() => stage.close());

  test('there are enough of them', () => expect(SINGLE.length).toBeGreaterThan(330));

  test.each(SINGLE)('%s', async (name) => {
    stage.configure(variantOf(name, stage.base));
    const who: Who = /^bob-|^clientroute-denied/.test(name) ? 'bob' : 'alice';
    const changes = withClient(name);
    if (name.startsWith('unauth-')) await stage.play(name);
    else await stage.playAs(stage.visitors[who], name, changes);
  });

  function withClient(name: string): Changes {
    const { target } = readRecording(name);
    return { target: target.replace(/(?<=client_id=)[0-9a-f-]{36}/, (id) => clients.get(id) ?? id) };
  }
});

describe('every recording', () => {
  test.each(LISTED)('listed as $of exists', ({ of }) => {
    expect(recordingNames().some((name) => of.test(name))).toBe(true);
  });

  test('is listed once at most', () => {
    const twice = recordingNames().filter((name) => LISTED.filter(({ of }) => of.test(name)).length > 1);
    expect(twice).toEqual([]);
  });

  test.each(COMPARED_ELSEWHERE)('$of is read by $test', ({ of, test: file, by }) => {
    const source = readFileSync(join(import.meta.dirname, file), 'utf8');
    const unread = recordingNames().filter((name) => of.test(name) && !source.includes(by?.(name) ?? name));
    expect(unread).toEqual([]);
  });

  test.each(IN_SCENES)('$of belongs to $test, which counts them', ({ test: file }) => {
    expect(readFileSync(join(import.meta.dirname, file), 'utf8')).toContain(`unplayed('${file}'`);
  });
});

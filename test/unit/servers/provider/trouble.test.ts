import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { post } from '../helpers.ts';
import { mockProvider, type Reply } from '../mock-provider.ts';
import { serveProvider, TOKEN, type Called } from '../provider-calls.ts';

const EMPTY = { object: 'list', results: [], has_more: false };

async function search(reply: (nth: number) => Reply, limits = {}): Promise<Called & { times: number }> {
  const { call, provider } = await serveProvider('notion', (_, nth) => reply(nth), limits);
  const called = await call('search', { query: 'x' });
  return { ...called, times: provider.asked.length };
}

const limited = (after?: string): Reply => ({
  status: 429,
  headers: after === undefined ? {} : { 'retry-after': after },
  body: { message: 'slow down' },
});

describe('a provider that is asked too often', () => {
  test.each(['0', '1', new Date(0).toUTCString()])('is asked once more after Retry-After: %s', async (after) => {
    const called = await search((nth) => (nth === 1 ? limited(after) : { body: EMPTY }));
    expect(called).toMatchObject({ structured: { results: [] }, isError: false, times: 2 });
  });

  test('is not asked a third time', async () => {
    const called = await search(() => limited('0'));
    expect(called).toMatchObject({ status: 200, isError: true, times: 2 });
    expect(called.texts).toEqual(['search: Notion was asked too often; try again in 0 s']);
  });

  test.each([
    ['120', 'in 120 s'],
    [undefined, 'later'],
    ['soon', 'later'],
  ])('with Retry-After %s is left alone, and the caller is told when', async (after, when) => {
    const called = await search(() => limited(after));
    expect(called.texts).toEqual([`search: Notion was asked too often; try again ${when}`]);
    expect(called.times).toBe(1);
  });
});

describe('a provider in trouble', () => {
  test.each<[string, Reply, string]>([
    [
      'a fault of its own',
      { status: 503, body: '<html>' },
      'Notion has a fault of its own (HTTP 503); try again later',
    ],
    ['HTML', { headers: { 'content-type': 'text/html; x' }, body: '<html>' }, "Notion's answer is no JSON (text/html)"],
    ['half a JSON', { body: '{"results": [' }, "Notion's answer is no JSON (text/plain)"],
    [
      '403',
      { status: 403, body: { message: 'Insufficient\u0007 permissions.' } },
      'Notion does not allow this: Insufficient permissions.',
    ],
    [
      '404',
      { status: 404, body: { message: 'Could not find page.' } },
      'Notion has no such thing, or does not show it to this user: Could not find page.',
    ],
    ['400 and no words', { status: 400, body: 'null' }, 'Notion answers HTTP 400'],
  ])('answers %s', async (_, reply, text) => {
    expect(await search(() => reply)).toMatchObject({
      status: 200,
      isError: true,
      texts: [`search: ${text}`],
      times: 1,
    });
  });

  test.each<[string, unknown]>([
    ['a list', []],
    ['null', 'null'],
    ['results that are none', { results: 'x', has_more: true, next_cursor: 7 }],
    ['results of other kinds', { results: [null, 1, 'x', {}, { object: 'database' }] }],
  ])('answers %s, which counts as nothing found', async (_, body) => {
    expect(await search(() => ({ body }))).toMatchObject({ structured: { results: [] }, isError: false });
  });

  test('that never answers is not waited for', async () => {
    const called = await search(() => ({}), { request: 100 });
    expect(called.texts).toEqual(['search: Notion did not answer in time']);
  });

  test('that stops in the middle of its answer is not waited for', async () => {
    const { call } = await serveProvider('notion', () => (response) => void response.write('{"results":['), {
      request: 200,
    });
    expect((await call('search', { query: 'x' })).texts).toEqual(['search: Notion did not answer in time']);
  });

  test('that hangs up, or is not there, is named without its address', async () => {
    const { call, provider } = await serveProvider('notion', () => (response) => void response.socket?.destroy());
    const { texts } = await call('search', { query: 'x' });
    expect(texts).toEqual(['search: Notion cannot be reached (ECONNRESET)']);
    expect(texts.join()).not.toContain(new URL(provider.url).port);
  });

  test('that answers without end is cut off', async () => {
    const called = await search(() => ({ body: { results: ['x'.repeat(5000)] } }), { bytes: 1000 });
    expect(called.texts).toEqual(["search: Notion's answer is longer than 1000 bytes"]);
  });

  test.each([301, 302, 307, 308])(
    'that sends the request elsewhere with %i does not get the token there',
    async (status) => {
      const other = await mockProvider(() => ({ body: EMPTY }));
      const called = await search(() => ({ status, headers: { location: `${other.url}/steal` }, body: '' }));
      expect(called.texts).toEqual(['search: Notion sends this request elsewhere, which is not followed']);
      expect(other.asked).toEqual([]);
    },
  );
});

test('a client that goes away takes its request to the provider with it', async () => {
  let gone = false;
  const { servers, provider } = await serveProvider('notion', () => (response) => {
    response.once('close', () => (gone = true));
  });
  const abort = new AbortController();
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search', arguments: { query: 'x' } } };
  const call = post(`${servers.url}/notion`, body, { authorization: `Bearer ${TOKEN}` }, abort.signal);
  while (provider.asked.length === 0) await sleep(5);
  abort.abort();
  await expect(call).rejects.toThrow();
  await expect.poll(() => gone).toBe(true);
});

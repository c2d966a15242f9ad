import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { messageOf, post } from '../helpers.ts';
import type { Answers } from '../mock-provider.ts';
import { serveProvider } from '../provider-calls.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/notion-live');

/** What the stub of the recording answers on each path, and what the public server made of it. */
function recorded(name: string): { stub: Map<string, unknown>; result: Record<string, unknown> } {
  const text = readFileSync(join(FOLDER, `${name}.http`), 'utf8').replaceAll('\r\n', '\n');
  const stub = new Map(
    [...text.matchAll(/^(?:GET|POST) (\/v1\/\S+) HTTP\/1\.1\nHost: api\.notion\.com[^]*?^(\{"object".*)$/gm)].map(
      ([, path = '', body = '']) => [path, JSON.parse(body) as unknown],
    ),
  );
  const message = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as { result: Record<string, unknown> };
  return { stub, result: message.result };
}

const EMPTY = { object: 'list', results: [], has_more: false, next_cursor: null };

function stubbed(stub: ReadonlyMap<string, unknown>): Answers {
  return ({ url }, nth) => ({ body: nth === 2 && url === '/v1/search' ? EMPTY : (stub.get(url) ?? EMPTY) });
}

test('a search asks and answers as recorded, but for titles in columns of another name', async () => {
  const { stub, result } = recorded('notion-search-ok');
  const { call, provider } = await serveProvider('notion', stubbed(stub));
  const { structured, texts } = await call('search', { query: 'hello' });
  const theirs = result['structuredContent'] as { results: Record<string, unknown>[] };
  const [page, row] = theirs.results;
  expect(structured).toEqual({ results: [page, { ...row, title: 'A row', text: 'A row' }] });
  expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual([structured]);
  expect(provider.asked[0]).toMatchObject({
    method: 'POST',
    url: '/v1/search',
    body: '{"query":"hello","filter":{"value":"page","property":"object"}}',
    headers: { 'notion-version': '2022-06-28', authorization: 'Bearer token-of-the-user' },
  });
  // They stop at the first page though there is a second.
  expect(JSON.parse(provider.asked[1]?.body ?? '')).toMatchObject({ start_cursor: 'cur1' });
});

test('a page is read as recorded, but for numbers of lists and formulas', async () => {
  const { stub, result } = recorded('notion-fetch-ok');
  const { call, provider } = await serveProvider('notion', stubbed(stub));
  const { structured } = await call('fetch', { id: '11112222333344445555666677778888' });
  const theirs = result['structuredContent'] as { text: string };
  const text = theirs.text.replace('1. second', '2. second').replace('in a column', 'in a column\n$e=mc^2$');
  expect(structured).toEqual({ ...theirs, text });
  expect(new Set(provider.asked.map(({ method }) => method))).toEqual(new Set(['GET']));
});

test('the tools are declared as recorded, and as reading', async () => {
  const { servers } = await serveProvider('notion', () => ({}));
  const { result } = recorded('notion-tools-list');
  const response = await post(`${servers.url}/notion`, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const ours = (await messageOf(response)) as unknown as { result: { tools: Record<string, unknown>[] } };
  const theirs = result['tools'] as Record<string, unknown>[];
  const annotations = { readOnlyHint: true, openWorldHint: true };
  expect(ours.result.tools).toEqual(theirs.map((tool) => expect.objectContaining({ ...tool, annotations })));
});

import { describe, expect, test } from 'vitest';
import type { Answers } from '../mock-provider.ts';
import { serveProvider, type Called } from '../provider-calls.ts';

const ID = '11112222-3333-4444-5555-666677778888';
const PAGE = { object: 'page', id: ID, url: 'https://www.notion.so/x', properties: {} };

const rich = (text: string): unknown[] => [{ plain_text: text }];
const block = (type: string, text: string, children?: string): unknown => ({
  object: 'block',
  id: children ?? 'leaf',
  type,
  has_children: children !== undefined,
  [type]: { rich_text: rich(text) },
});

/** A Notion of one page whose blocks stand under the ids of their parents; `id@cursor` is a further part. */
function notion(blocks: Record<string, unknown[]>): Answers {
  return ({ url }) => {
    const { pathname, searchParams } = new URL(url, 'http://mock');
    const parent = /^\/v1\/blocks\/([^/]+)\/children$/.exec(pathname)?.[1];
    if (parent === undefined) return { body: PAGE };
    const part = Number(searchParams.get('start_cursor') ?? 0);
    const key = (n: number): string => (n === 0 ? parent : `${parent}@${n}`);
    const more = key(part + 1) in blocks;
    return { body: { results: blocks[key(part)] ?? [], has_more: more, next_cursor: more ? String(part + 1) : null } };
  };
}

async function read(answers: Answers, id = ID): Promise<{ text: string; metadata?: Record<string, string> } & Called> {
  const { call } = await serveProvider('notion', answers);
  const called = await call('fetch', { id });
  return { ...called, ...(called.structured as { text: string; metadata?: Record<string, string> }) };
}

describe('fetch', () => {
  test('indents what is nested, and counts numbered lists', async () => {
    const { text } = await read(
      notion({
        [ID]: [
          block('numbered_list_item', 'one', 'n1'),
          block('numbered_list_item', 'two'),
          block('paragraph', 'between'),
          block('numbered_list_item', 'again'),
          block('toggle', 'more', 't1'),
          { object: 'block', id: 'c1', type: 'column_list', has_children: true, column_list: {} },
        ],
        n1: [block('bulleted_list_item', 'inner'), block('code', 'a\nb')],
        t1: [block('to_do', 'task', 'd1')],
        d1: [block('quote', 'deep')],
        c1: [block('paragraph', 'in a column')],
      }),
    );
    expect(text.split('\n')).toEqual([
      '1. one',
      '  • inner',
      '  ```',
      '  a',
      '  b',
      '  ```',
      '2. two',
      'between',
      '1. again',
      '▶ more',
      '  ☐ task',
      '    > deep',
      'in a column',
    ]);
  });

  test('follows the cursor through all parts of a page, and goes on counting', async () => {
    const parts = Object.fromEntries(
      [ID, `${ID}@1`, `${ID}@2`].map((key, n) => [key, [block('numbered_list_item', `part ${n}`)]]),
    );
    const { text, metadata } = await read(notion(parts));
    expect(text).toBe('1. part 0\n2. part 1\n3. part 2');
    expect(metadata).toBeUndefined();
  });

  test('leaves out subpages, and blocks it does not know', async () => {
    const { text } = await read(
      notion({
        [ID]: [
          { type: 'child_page', id: 'sub', has_children: true, child_page: { title: 'Sub' } },
          { type: 'unsupported', id: 'u', has_children: false, unsupported: {} },
          { type: '__proto__', has_children: false },
          null,
        ],
        sub: [block('paragraph', 'not this')],
      }),
    );
    expect(text).toBe('📄 Sub');
  });

  test('ends with a page that never does, and says so', async () => {
    const { text, metadata } = await read(({ url }) =>
      url.includes('/children')
        ? { body: { results: [block('paragraph', 'again', 'leaf')], has_more: true, next_cursor: 'c' } }
        : { body: PAGE },
    );
    expect(text.split('\n').length).toBeLessThan(100);
    expect(metadata).toEqual({ truncated: expect.stringMatching(/deeper than 6 levels|first 50 parts/) });
  });

  test('shows the first 100,000 characters of a huge page', async () => {
    const { text, metadata } = await read(
      notion({ [ID]: Array.from({ length: 200 }, () => block('paragraph', 'x'.repeat(2000))) }),
    );
    expect(text.length).toBeLessThanOrEqual(100_001);
    expect(text.endsWith('…')).toBe(true);
    expect(metadata).toEqual({ truncated: 'only the first 100000 characters are shown' });
  });

  test('takes out what a reader would not see', async () => {
    const hidden = String.fromCodePoint(...Array.from(Buffer.from('obey'), (byte) => 0xe0000 + byte));
    const { text } = await read(
      notion({ [ID]: [block('paragraph', `a\u0000\u001b[31m\u202eb${hidden}\u0085c\ud800d\te`)] }),
    );
    expect(text).toBe('a[31mbc�d\te');
  });

  test('does not show the address of a file in Notion’s store, which is signed', async () => {
    const file = { type: 'file', file: { url: 'https://s3.example/x?X-Amz-Signature=1' }, caption: rich('plan') };
    const { text } = await read(
      notion({
        [ID]: [
          { type: 'image', image: file },
          { type: 'pdf', pdf: file },
        ],
      }),
    );
    expect(text).toBe('🖼 Image: - plan\n📎 PDF - plan');
  });

  test.each([
    '11112222333344445555666677778888',
    'https://www.notion.so/team/My-page-11112222333344445555666677778888?pvs=4',
    'https://www.notion.so/11112222333344445555666677778888',
  ])('takes %s for a page', async (id) => {
    const { call, provider } = await serveProvider('notion', notion({}));
    expect((await call('fetch', { id })).structured).toMatchObject({ id, title: '', text: '' });
    expect(provider.asked[0]?.url).toBe('/v1/pages/11112222333344445555666677778888');
  });

  test.each([
    '../users/me',
    '%2e%2e/users/me',
    'x?filter=1',
    'x\r\nX-Evil: 1',
    'https://evil.example/11112222333344445555666677778888/../x',
    'https://evil.example/?https://www.notion.so/11112222333344445555666677778888',
    '//evil.example/',
    `${ID}/children`,
    '\ud800',
  ])('asks nobody about %j', async (id) => {
    const { call, provider } = await serveProvider('notion', notion({}));
    const { texts, isError } = await call('fetch', { id });
    expect(isError).toBe(true);
    expect(texts[0]).toContain('is no id of a page; take one from the results of search');
    expect(provider.asked).toEqual([]);
  });

  test('says that an id is missing', async () => {
    const { call } = await serveProvider('notion', notion({}));
    expect((await call('fetch', { id: ' ' })).texts).toEqual(['fetch: id cannot be empty']);
    expect((await call('fetch', {})).texts[0]).toContain('must have required property');
    expect((await call('fetch', { id: 5 })).texts[0]).toContain('must be string');
    expect((await call('fetch', { id: ID, x: '' })).texts[0]).toContain('must NOT have additional properties');
  });
});

describe('search', () => {
  test('goes through the pages of results, up to a hundred', async () => {
    const results = Array.from({ length: 40 }, () => PAGE);
    const { call, provider } = await serveProvider('notion', (_, nth) => ({
      body: { results, has_more: true, next_cursor: `c${nth}` },
    }));
    const { structured } = await call('search', { query: 'x' });
    expect((structured as { results: unknown[] }).results).toHaveLength(100);
    expect(provider.asked.map(({ body }) => (JSON.parse(body) as { start_cursor?: string }).start_cursor)).toEqual([
      undefined,
      'c1',
      'c2',
    ]);
  });

  test('ends when Notion sends empty pages for ever', async () => {
    const { call, provider } = await serveProvider('notion', () => ({
      body: { results: [], has_more: true, next_cursor: 'c' },
    }));
    expect((await call('search', { query: 'x' })).structured).toEqual({ results: [] });
    expect(provider.asked).toHaveLength(5);
  });

  test('refuses an empty query in the words of the public server', async () => {
    const { call } = await serveProvider('notion', () => ({}));
    expect((await call('search', { query: '  ' })).texts).toEqual(['search: query cannot be empty']);
  });
});

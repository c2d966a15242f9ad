import { describe, expect, test } from 'vitest';
import type { Asked, Reply } from '../mock-provider.ts';
import { serveProvider, type Called } from '../provider-calls.ts';

const DOCUMENT = 'application/vnd.google-apps.document';
const SCOPE = 'https://www.googleapis.com/auth/drive.readonly';

interface Answer extends Called {
  asked: Asked[];
}

async function call(
  tool: string,
  args: Record<string, unknown>,
  reply: (asked: Asked, nth: number) => Reply,
): Promise<Answer> {
  const { call: callTool, provider } = await serveProvider('google-drive', reply);
  return { ...(await callTool(tool, args)), asked: provider.asked };
}

const file = (mimeType: string, more = {}): Record<string, unknown> => ({
  id: 'f1',
  name: 'Plan',
  mimeType,
  webViewLink: 'https://docs.google.com/document/d/f1/edit',
  modifiedTime: '2026-01-02T03:04:05.000Z',
  ...more,
});

/** A Drive with one file and its text. */
const drive =
  (about: Record<string, unknown>, text: string | Buffer) =>
  ({ url }: Asked): Reply =>
    url.includes('/export') || url.includes('alt=media') ? { body: text } : { body: about };

describe('search', () => {
  test('looks into names and texts, in all drives, and answers as the contract says', async () => {
    const { structured, texts, asked } = await call('search', { query: `it's \\ "here"` }, () => ({
      body: { files: [file(DOCUMENT, { description: 'for 2027' }), file('text/plain', { name: '\u202eb' })] },
    }));
    const metadata = { mimeType: DOCUMENT, modifiedTime: '2026-01-02T03:04:05.000Z' };
    const url = 'https://docs.google.com/document/d/f1/edit';
    expect(structured).toEqual({
      results: [
        { id: 'f1', title: 'Plan', text: 'for 2027', url, metadata },
        { id: 'f1', title: 'b', text: 'b', url, metadata: { ...metadata, mimeType: 'text/plain' } },
      ],
    });
    expect(JSON.parse(texts[0] ?? '')).toEqual(structured);
    const { pathname, searchParams } = new URL(asked[0]?.url ?? '', 'http://mock');
    expect([asked[0]?.method, pathname]).toEqual(['GET', '/drive/v3/files']);
    expect(searchParams.get('q')).toBe(
      `fullText contains 'it\\'s \\\\ "here"' and trashed = false and mimeType != 'application/vnd.google-apps.folder'`,
    );
    expect(searchParams.get('includeItemsFromAllDrives')).toBe('true');
  });

  test('goes through the pages, up to a hundred files', async () => {
    const { structured, asked } = await call('search', { query: 'x' }, (_, nth) => ({
      body: { files: Array.from({ length: 40 }, () => file(DOCUMENT)), nextPageToken: `t${nth}` },
    }));
    expect((structured as { results: unknown[] }).results).toHaveLength(100);
    expect(asked.map(({ url }) => new URL(url, 'http://mock').searchParams.get('pageToken'))).toEqual([
      null,
      't1',
      't2',
    ]);
  });

  test('ends when Google sends empty pages for ever', async () => {
    const { structured, asked } = await call('search', { query: 'x' }, () => ({ body: { nextPageToken: 't' } }));
    expect(structured).toEqual({ results: [] });
    expect(asked).toHaveLength(5);
  });

  test('refuses an empty query', async () => {
    expect((await call('search', { query: '' }, () => ({}))).texts).toEqual(['search: query cannot be empty']);
  });
});

describe('fetch', () => {
  test.each([
    [DOCUMENT, '/drive/v3/files/f1/export?mimeType=text%2Fplain', undefined],
    ['application/vnd.google-apps.presentation', '/drive/v3/files/f1/export?mimeType=text%2Fplain', undefined],
    [
      'application/vnd.google-apps.spreadsheet',
      '/drive/v3/files/f1/export?mimeType=text%2Fcsv',
      'Google exports the first sheet only',
    ],
    ['text/markdown', '/drive/v3/files/f1?alt=media&supportsAllDrives=true', undefined],
    ['application/geo+json', '/drive/v3/files/f1?alt=media&supportsAllDrives=true', undefined],
  ])('reads %s as text', async (mimeType, url, note) => {
    const { structured, asked } = await call('fetch', { id: 'f1' }, drive(file(mimeType), '\ufeffone\r\ntwo\u0000'));
    expect(structured).toMatchObject({ id: 'f1', title: 'Plan', text: 'one\ntwo', metadata: { mimeType } });
    expect((structured as { metadata: Record<string, string> }).metadata['note']).toBe(note);
    expect(asked[1]).toMatchObject({ method: 'GET', url });
  });

  test('follows a shortcut to what it leads to, and no further', async () => {
    const shortcut = file('application/vnd.google-apps.shortcut', { shortcutDetails: { targetId: 't1' } });
    const { structured, asked } = await call('fetch', { id: 'f1' }, ({ url }, nth) =>
      nth === 1 ? { body: shortcut } : drive(file(DOCUMENT, { id: 't1', name: 'Target' }), 'text')({ url } as Asked),
    );
    expect(structured).toMatchObject({ id: 'f1', title: 'Target', text: 'text' });
    expect(asked.map(({ url }) => new URL(url, 'http://mock').pathname)).toEqual([
      '/drive/v3/files/f1',
      '/drive/v3/files/t1',
      '/drive/v3/files/t1/export',
    ]);
    const circle = await call('fetch', { id: 'f1' }, () => ({ body: shortcut }));
    expect(circle.texts[0]).toContain('application/vnd.google-apps.shortcut, which cannot be read as text');
    expect(circle.asked).toHaveLength(2);
  });

  test('shows the first 100,000 characters of a large file', async () => {
    const { structured } = await call('fetch', { id: 'f1' }, drive(file('text/plain'), 'ä'.repeat(2_000_000)));
    const { text, metadata } = structured as { text: string; metadata: Record<string, string> };
    expect(text).toHaveLength(100_001);
    expect(metadata['truncated']).toBe('only the first 100000 characters are shown');
  });

  test.each([
    ['application/vnd.google-apps.folder', 'this is a folder; search for the documents in it'],
    ['application/pdf', 'this file is application/pdf, which cannot be read as text'],
    ['__proto__', 'this file is __proto__, which cannot be read as text'],
    ['', 'this file is of an unknown type, which cannot be read as text'],
  ])('does not read %s', async (mimeType, text) => {
    const { texts, asked } = await call('fetch', { id: 'f1' }, drive(file(mimeType), 'x'));
    expect(texts).toEqual([`fetch: ${text}`]);
    expect(asked).toHaveLength(1);
  });

  test.each([
    'https://docs.google.com/document/d/f1/edit#x',
    'https://drive.google.com/open?id=f1',
    'https://drive.google.com/file/d/f1/view',
  ])('takes %s for a file', async (id) => {
    const { structured } = await call('fetch', { id }, drive(file(DOCUMENT), 'x'));
    expect(structured).toMatchObject({ id, text: 'x' });
  });

  test.each([
    '../about',
    'f1/permissions',
    'f1?alt=media',
    'https://evil.example/d/f1/',
    'https://docs.google.com.evil.example/document/d/f1',
    'a b',
    '',
  ])('asks nobody about %j', async (id) => {
    const { isError, asked } = await call('fetch', { id }, () => ({ body: {} }));
    expect(isError).toBe(true);
    expect(asked).toEqual([]);
  });
});

const refused = async (status: number, error: unknown, headers = {}): Promise<Answer> =>
  call('search', { query: 'x' }, () => ({ status, headers, body: { error } }));

describe('a refusal', () => {
  test.each([
    [{ errors: [{ reason: 'insufficientPermissions' }], message: 'm' }, {}],
    [{ status: 'PERMISSION_DENIED', details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] }, {}],
    [{}, { 'www-authenticate': 'Bearer realm="x", error="insufficient_scope", scope="y"' }],
  ])('403 for want of a scope names it to the gateway: %j', async (error, headers) => {
    expect(await refused(403, error, headers)).toMatchObject({
      status: 403,
      challenge: `Bearer realm="google-drive", error="insufficient_scope", scope="${SCOPE}"`,
    });
  });

  test.each([
    ['accessNotConfigured', 'the Google Drive API is not enabled in the Google Cloud project of the OAuth client'],
    ['exportSizeLimitExceeded', 'Google exports no document whose text is larger than 10 MB; open it in the browser'],
    ['dailyLimitExceeded', 'Google Drive was asked too often; try again later'],
    ['somethingNew', 'Google Drive does not allow this: why'],
    ['__proto__', 'Google Drive does not allow this: why'],
  ])('403 %s is an answer of the tool', async (reason, text) => {
    const answer = await refused(403, { message: 'why', errors: [{ reason }] });
    expect(answer).toMatchObject({ status: 200, isError: true, texts: [`search: ${text}`] });
  });

  test('403 rateLimitExceeded is repeated once', async () => {
    const limited: Reply = {
      status: 403,
      headers: { 'retry-after': '0' },
      body: { error: { errors: [{ reason: 'rateLimitExceeded' }] } },
    };
    const { structured, asked } = await call('search', { query: 'x' }, (_, nth) =>
      nth === 1 ? limited : { body: { files: [] } },
    );
    expect(structured).toEqual({ results: [] });
    expect(asked).toHaveLength(2);
  });

  test('404 says that the file may be there and hidden', async () => {
    const { texts } = await call('fetch', { id: 'f1' }, () => ({
      status: 404,
      body: { error: { message: 'File not found: f1.' } },
    }));
    expect(texts).toEqual([
      'fetch: Google Drive has no such thing, or does not show it to this user: File not found: f1.',
    ]);
  });
});

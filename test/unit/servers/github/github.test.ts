import { describe, expect, test } from 'vitest';
import { messageOf, post } from '../helpers.ts';
import type { Asked, Reply } from '../mock-provider.ts';
import { serveProvider, type Called } from '../provider-calls.ts';

interface Answer extends Called {
  asked: Asked[];
  value: unknown;
}

async function call(
  tool: string,
  args: Record<string, unknown>,
  reply: (asked: Asked, nth: number) => Reply,
): Promise<Answer> {
  const { call: callTool, provider } = await serveProvider('github', reply);
  const called = await callTool(tool, args);
  const text = called.texts[0] ?? '';
  return { ...called, asked: provider.asked, value: text.startsWith('{') ? JSON.parse(text) : text };
}

const HERE = { owner: 'octo', repo: 'hello' };

test('the tools have the names of GitHub’s own server, in order, and only read', async () => {
  const { servers } = await serveProvider('github', () => ({}));
  const response = await post(`${servers.url}/github`, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
  const { result } = (await messageOf(response)) as unknown as {
    result: { tools: { name: string; annotations: unknown }[] };
  };
  expect(result.tools.map(({ name }) => name)).toEqual([
    'get_file_contents',
    'get_me',
    'issue_read',
    'list_issues',
    'list_pull_requests',
    'pull_request_read',
    'search_code',
    'search_issues',
    'search_repositories',
  ]);
  for (const { annotations } of result.tools) expect(annotations).toEqual({ readOnlyHint: true, openWorldHint: true });
});

describe('reading', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['get_me', {}, '/user'],
    [
      'search_repositories',
      { query: 'a b&c', sort: 'stars' },
      '/search/repositories?q=a+b%26c&sort=stars&page=1&per_page=30',
    ],
    [
      'search_issues',
      { query: 'x', order: 'asc', page: 2, perPage: 5 },
      '/search/issues?q=x&order=asc&page=2&per_page=5',
    ],
    ['search_code', { query: 'x' }, '/search/code?q=x&page=1&per_page=30'],
    [
      'list_issues',
      { ...HERE, state: 'all', labels: 'a,b' },
      '/repos/octo/hello/issues?state=all&labels=a%2Cb&page=1&per_page=30',
    ],
    ['issue_read', { ...HERE, method: 'get', issue_number: 7 }, '/repos/octo/hello/issues/7'],
    [
      'issue_read',
      { ...HERE, method: 'get_comments', issue_number: 7 },
      '/repos/octo/hello/issues/7/comments?page=1&per_page=30',
    ],
    [
      'issue_read',
      { ...HERE, method: 'get_labels', issue_number: 7 },
      '/repos/octo/hello/issues/7/labels?page=1&per_page=30',
    ],
    [
      'issue_read',
      { ...HERE, method: 'get_sub_issues', issue_number: 7 },
      '/repos/octo/hello/issues/7/sub_issues?page=1&per_page=30',
    ],
    ['list_pull_requests', { ...HERE, base: 'main' }, '/repos/octo/hello/pulls?base=main&page=1&per_page=30'],
    ['pull_request_read', { ...HERE, method: 'get', pullNumber: 3 }, '/repos/octo/hello/pulls/3'],
    ['pull_request_read', { ...HERE, method: 'get_diff', pullNumber: 3 }, '/repos/octo/hello/pulls/3'],
    [
      'pull_request_read',
      { ...HERE, method: 'get_files', pullNumber: 3 },
      '/repos/octo/hello/pulls/3/files?page=1&per_page=30',
    ],
    [
      'pull_request_read',
      { ...HERE, method: 'get_comments', pullNumber: 3 },
      '/repos/octo/hello/issues/3/comments?page=1&per_page=30',
    ],
    [
      'pull_request_read',
      { ...HERE, method: 'get_reviews', pullNumber: 3 },
      '/repos/octo/hello/pulls/3/reviews?page=1&per_page=30',
    ],
    [
      'pull_request_read',
      { ...HERE, method: 'get_review_comments', pullNumber: 3 },
      '/repos/octo/hello/pulls/3/comments?page=1&per_page=30',
    ],
    [
      'get_file_contents',
      { ...HERE, path: '/src/a b.ts', ref: 'v1' },
      '/repos/octo/hello/contents/src/a%20b.ts?ref=v1',
    ],
    ['get_file_contents', HERE, '/repos/octo/hello/contents'],
  ])('%s %j asks %s', async (tool, args, url) => {
    const { asked, isError, texts } = await call(tool, args, () => ({ body: { type: 'dir', entries: [], items: [] } }));
    expect(isError, texts[0]).toBe(false);
    expect(asked.map((one) => `${one.method} ${one.url}`)).toEqual([`GET ${url}`]);
    expect(asked[0]?.headers).toMatchObject({ 'x-github-api-version': '2022-11-28', 'user-agent': 'mcpgw' });
  });

  test('the checks of a pull request are those of its last commit', async () => {
    const { asked, value } = await call(
      'pull_request_read',
      { ...HERE, method: 'get_check_runs', pullNumber: 3 },
      (_, nth) => ({
        body:
          nth === 1
            ? { head: { sha: 'abc' } }
            : { check_runs: [{ name: 'ci', status: 'completed', conclusion: 'success' }] },
      }),
    );
    expect(asked[1]?.url).toBe('/repos/octo/hello/commits/abc/check-runs?page=1&per_page=30');
    expect(value).toEqual({ items: [{ name: 'ci', status: 'completed', conclusion: 'success' }] });
  });

  test('a list of issues leaves out pull requests, and names the next page of the Link header', async () => {
    const link =
      '<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?per_page=30&page=3>; rel="next"';
    const { value } = await call('list_issues', { ...HERE, page: 2 }, () => ({
      headers: { link },
      body: [
        { number: 1, title: 'A bug\u0000', user: { login: 'me' }, labels: ['x', { name: 'y' }], state: 'open' },
        { number: 2, title: 'A change', pull_request: {} },
      ],
    }));
    expect(value).toEqual({
      items: [{ number: 1, title: 'A bug', author: 'me', labels: ['x', 'y'], state: 'open' }],
      next_page: 3,
    });
  });

  test.each(['', '<x>; rel="next"', '<https://h/?page=x>; rel="next"', '<https://h/?page=2>; rel="last"'])(
    'a Link header without a next page, `%s`, ends the list',
    async (link) => {
      const { value } = await call('list_issues', HERE, () => ({ headers: { link }, body: [] }));
      expect(value).toEqual({ items: [] });
    },
  );

  test('huge lists and texts are cut, and say so', async () => {
    const body = 'x'.repeat(50_000);
    const many = await call('issue_read', { ...HERE, method: 'get_comments', issue_number: 1 }, () => ({
      body: Array.from({ length: 30 }, () => ({ body })),
    }));
    expect(many.texts[0]?.length).toBeLessThan(130_000);
    expect(many.value).toMatchObject({ shown: 4, of: 30 });
  });
});

const file = (content: string | Buffer): Reply => ({
  body: {
    type: 'file',
    encoding: 'base64',
    content: Buffer.from(content).toString('base64').replaceAll(/.{60}/g, '$&\n'),
  },
});

describe('a file', () => {
  test('is text', async () => {
    const text = 'hello\r\n\u0007wörld '.repeat(20);
    expect((await call('get_file_contents', HERE, () => file(text))).texts).toEqual(['hello\nwörld '.repeat(20)]);
  });

  test('above 1 MB is read raw, and cut', async () => {
    const { texts, asked } = await call('get_file_contents', { ...HERE, path: 'big' }, ({ headers }) =>
      headers.accept === 'application/vnd.github.raw+json'
        ? { body: 'x'.repeat(3_000_000) }
        : { body: { type: 'file', encoding: 'none', content: '' } },
    );
    expect(asked).toHaveLength(2);
    expect(texts[0]).toHaveLength(100_000);
    expect(texts[1]).toBe('... (cut: the first 100000 characters are shown)');
  });

  test('that is binary is refused with its size', async () => {
    const { texts, isError } = await call('get_file_contents', HERE, () => file(Buffer.from([1, 0, 2])));
    expect(isError).toBe(true);
    expect(texts).toEqual(['get_file_contents: the file is binary (3 bytes)']);
  });

  test('that is a link or a submodule says where it leads', async () => {
    const link = await call('get_file_contents', HERE, () => ({
      body: { type: 'symlink', path: 'a', target: '../b' },
    }));
    expect(link.value).toEqual({ type: 'symlink', path: 'a', target: '../b' });
  });
});

describe('arguments', () => {
  test.each<[string, Record<string, unknown>]>([
    ['get_file_contents', { owner: '..', repo: 'user' }],
    ['get_file_contents', { owner: 'o', repo: '' }],
    ['get_file_contents', { ...HERE, path: 'a/../../../../user' }],
    ['list_issues', { owner: '.', repo: '..' }],
    ['search_code', { query: ' ' }],
  ])('%s %j asks nobody', async (tool, args) => {
    const { asked, isError } = await call(tool, args, () => ({ body: [] }));
    expect(isError).toBe(true);
    expect(asked).toEqual([]);
  });

  test('stay one part of the path, whatever is in them', async () => {
    const { asked } = await call('list_issues', { owner: 'a/b?c#d%2f', repo: '@evil.example:80\r\nX: y' }, () => ({
      body: [],
    }));
    expect(asked[0]?.url).toBe(
      '/repos/a%2Fb%3Fc%23d%252f/%40evil.example%3A80%0D%0AX%3A%20y/issues?page=1&per_page=30',
    );
  });

  test.each([
    ['issue_read', { ...HERE, method: 'delete', issue_number: 1 }, 'must be equal to one of the allowed values'],
    ['issue_read', { ...HERE, method: 'get', issue_number: 0 }, 'must be >= 1'],
    ['issue_read', { ...HERE, method: 'get', issue_number: '1' }, 'must be integer'],
    ['list_issues', { ...HERE, perPage: 101 }, 'must be <= 100'],
    ['get_me', { x: 1 }, 'must NOT have additional properties'],
  ])('%s %j is refused: %3$s', async (tool, args, text) => {
    const { texts, asked } = await call(tool, args, () => ({ body: [] }));
    expect(texts[0]).toContain(text);
    expect(asked).toEqual([]);
  });
});

const refused = async (status: number, headers: Record<string, string>, message = 'no'): Promise<Answer> =>
  call('get_me', {}, () => ({ status, headers, body: { message } }));

describe('a refusal', () => {
  test('401 is a challenge', async () => {
    expect(await refused(401, {}, 'Bad credentials')).toMatchObject({ status: 401 });
  });

  test('403 for want of a scope names it to the gateway', async () => {
    const headers = { 'x-oauth-scopes': 'read:user, gist', 'x-accepted-oauth-scopes': 'repo, public_repo' };
    expect(await refused(403, headers)).toMatchObject({
      status: 403,
      challenge: 'Bearer realm="github", error="insufficient_scope", scope="repo"',
    });
  });

  test.each([
    [{}, 'GitHub does not allow this: no'],
    [{ 'x-oauth-scopes': 'repo', 'x-accepted-oauth-scopes': 'repo' }, 'GitHub does not allow this: no'],
    [{ 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': '' }, 'GitHub does not allow this: no'],
    [
      { 'x-github-sso': 'required; url=https://github.com/orgs/o/sso?authorization_request=1' },
      'GitHub wants single sign-on for this organization first: https://github.com/orgs/o/sso?authorization_request=1',
    ],
  ])('403 with %j is an answer of the tool', async (headers, text) => {
    expect(await refused(403, headers)).toMatchObject({ status: 200, isError: true, texts: [`get_me: ${text}`] });
  });

  test('404 says that the thing may be there and hidden, and which scope would show it', async () => {
    const hidden = 'get_me: GitHub has no such thing, or does not show it to this user';
    expect((await refused(404, {})).texts).toEqual([hidden]);
    const headers = { 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': 'repo' };
    expect((await refused(404, headers)).texts[0]).toBe(
      `${hidden}; the token lacks the scope repo, which private repositories need`,
    );
  });

  test.each([403, 429])('%i at the primary limit tells when it ends, and is not repeated', async (status) => {
    const reset = String(Math.floor(Date.now() / 1000) + 600);
    const { texts, asked } = await refused(status, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset });
    expect(texts[0]).toMatch(/^get_me: GitHub was asked too often; try again in (599|600) s$/);
    expect(asked).toHaveLength(1);
  });

  test.each([403, 429])('%i at the secondary limit waits as long as it is told, once', async (status) => {
    const { asked, value } = await call('get_me', {}, (_, nth) =>
      nth === 1 ? { status, headers: { 'retry-after': '0' }, body: { message: 'x' } } : { body: { login: 'me' } },
    );
    expect(value).toEqual({ login: 'me' });
    expect(asked).toHaveLength(2);
    const untold = await refused(status, {}, 'You have exceeded a secondary rate limit.');
    expect(untold.texts[0]).toMatch(status === 403 ? /try again in 60 s/ : /try again/);
  });

  test('422 says what was wrong', async () => {
    const { texts } = await call('search_code', { query: 'x' }, () => ({
      status: 422,
      body: { message: 'Validation Failed', errors: [{ message: 'Must include at least one user' }] },
    }));
    expect(texts[0]).toBe('search_code: GitHub answers HTTP 422: Validation Failed; Must include at least one user');
  });
});

test('a renamed repository is followed inside the API', async () => {
  const { asked, value } = await call('list_issues', HERE, (_, nth) =>
    nth === 1 ? { status: 301, headers: { location: '/repositories/1/issues' }, body: '' } : { body: [{ number: 1 }] },
  );
  expect(asked[1]?.url).toBe('/repositories/1/issues');
  expect(value).toMatchObject({ items: [{ number: 1 }] });
});

test('redirects in a circle end', async () => {
  const { asked, isError } = await call('list_issues', HERE, () => ({
    status: 302,
    headers: { location: '/x' },
    body: '',
  }));
  expect(isError).toBe(true);
  expect(asked).toHaveLength(4);
});

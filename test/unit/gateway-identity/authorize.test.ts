import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchesRegistered, withParameters } from '../../../src/gateway/identity/redirect-uri.ts';
import {
  answer,
  authorizeTarget,
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainCode,
  pageOf,
  registerClient,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { readRecording } from './fixture.ts';
import { startProvider, type TestProvider } from './provider.ts';

/** Signed-in requests only: the others are answered before this half is asked, and POST is not served. */
const RECORDINGS = readdirSync(join(import.meta.dirname, '../../fixtures/pomerium-live'))
  .filter((name) => /^(authorize|afterrestart-authorize)-.*\.http$/.test(name))
  .map((name) => name.slice(0, -'.http'.length))
  .filter((name) => readRecording(name).requestHeaders['cookie'] !== undefined && readRecording(name).method === 'GET');

let provider: TestProvider;
let bench: Bench;
let cookie: string;
/** Recorded client ids and the ids of the same clients here. */
const clients = new Map<string, string>();

beforeAll(async () => {
  provider = await startProvider();
  bench = createBench(testOptions({ idp_provider_url: provider.issuer }));
  const browser = new Browser(bench.identity);
  await obtainCode(browser, provider.issuer);
  cookie = browser.cookieHeader(ROUTE_HOST) ?? '';
  const register = async (recorded: string, metadata: Record<string, unknown>): Promise<void> => {
    clients.set(recorded, String((await registerClient(bench.identity, metadata))['client_id']));
  };
  await register('caafc674-491c-49b3-9fe0-00c6ef15e0c5', {});
  await register('38813d74-c1c9-40c8-839c-d945f228168d', { token_endpoint_auth_method: 'client_secret_basic' });
  await register('ec98c6a2-45f7-4494-9051-f6ace083bec1', {
    redirect_uris: ['cursor://anysphere/callback', 'http://localhost/callback', 'http://[::1]/callback'],
  });
  await register('9bba48bb-bf54-474e-bb14-bffb60c454d2', {
    redirect_uris: ['http://127.0.0.1:7777/callback', 'http://127.0.0.1:7777/other'],
  });
});
afterAll(() => provider.close());

/** A location with the code blanked, and the length of the code as text. */
function withoutCode(location: string | undefined): { location: string | undefined; codeLength: number } {
  const code = /[?&]code=([^&]*)/.exec(location ?? '')?.[1] ?? '';
  return { location: location?.replace(code, '#'), codeLength: decodeURIComponent(code.replace(/~.*/, '')).length };
}

describe('recorded authorization requests', () => {
  test('there are some', () => expect(RECORDINGS.length).toBeGreaterThan(25));

  test.each(RECORDINGS)('%s', async (name) => {
    const recording = readRecording(name);
    const target = recording.target.replace(
      /client_id=([^&]*)/,
      (_, id: string) => `client_id=${clients.get(id) ?? id}`,
    );
    const headers = { accept: recording.requestHeaders['accept'] ?? '', cookie };
    const reply = await answer(bench.identity, { target, headers });
    expect(reply.status).toBe(recording.status);
    for (const field of ['content-type', 'x-pomerium-intercepted-response', 'x-content-type-options']) {
      expect(header(reply, field)).toBe(recording.headers[field]);
    }
    const ours = withoutCode(header(reply, 'location'));
    expect(ours.location).toBe(withoutCode(recording.headers['location']).location);
    if (ours.location !== undefined) expect(ours.codeLength).toBe(128);
    if (recording.page) {
      const { requestId, ...rest } = pageOf(reply);
      expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
      expect({ ...rest, requestId: recording.page['requestId'] }).toEqual(recording.page);
    }
    if (recording.headers['content-type'] === 'application/json') {
      expect({ ...bodyOf(reply), RequestID: 0 }).toEqual({ ...(JSON.parse(recording.body) as object), RequestID: 0 });
    }
  });
});

function target(parameters: Record<string, string>): string {
  return authorizeTarget({ response_type: 'code', ...parameters });
}

async function described(path: string): Promise<unknown> {
  return pageOf(await answer(bench.identity, { target: path, headers: { cookie } }))['description'];
}

describe('the order of checks and their edges', () => {
  test('a query that Go cannot parse', async () => {
    expect(await described('/.pomerium/mcp/authorize?client_id=%zz')).toBe(
      'The authorization request could not be parsed.',
    );
    expect(await described('/.pomerium/mcp/authorize?a;b')).toBe('The authorization request could not be parsed.');
  });

  test('an unknown client is told before its redirect URI is looked at', async () => {
    expect(await described(target({ client_id: 'nobody', redirect_uri: 'x:y' }))).toBe(
      'The MCP client is not registered.',
    );
  });

  test('the redirect URI is looked at before the challenge', async () => {
    const id = clients.get('caafc674-491c-49b3-9fe0-00c6ef15e0c5') ?? '';
    expect(await described(target({ client_id: id, redirect_uri: 'https://evil.example/' }))).toBe(
      'client redirect URI does not match registered redirect URIs',
    );
  });

  test.each([42, 129])('a challenge of %i characters is invalid', async (length) => {
    const id = clients.get('caafc674-491c-49b3-9fe0-00c6ef15e0c5') ?? '';
    const description = await described(target({ client_id: id, code_challenge: 'a'.repeat(length) }));
    expect(description).toBe('The authorization request is invalid.');
  });

  test('a request that nobody is behind is a fault of the gateway', async () => {
    const reply = await answer(bench.identity, { target: target({ client_id: 'x' }) });
    expect([reply.status, reply.body]).toEqual([400, 'invalid request\n']);
  });
});

describe('redirect URIs', () => {
  const registered = [
    'http://127.0.0.1:7777/callback',
    'http://localhost/cb',
    'https://a.example/cb',
    'http://localhost',
  ];

  test.each([
    ['https://a.example/cb', true],
    ['https://a.example:8443/cb', false],
    ['https://a.example/cb?x=1', false],
    ['http://127.0.0.1:1/callback', true],
    ['HTTP://127.0.0.1/callback', true],
    ['http://127.0.0.1/callback#f', true],
    ['http://127.0.0.1/callback/', false],
    ['http://127.0.0.2/callback', false],
    ['http://localhost:9/cb', true],
    ['http://localhost:9', true],
    ['http://localhost:9/', false],
    ['http://localhost@evil.example/cb', false],
    ['http://user@localhost/cb', false],
    ['http://localhost:80@evil.example/cb', false],
    ['http://localhost\\@evil.example/cb', false],
    ['http://localhost.evil.example/cb', false],
    ['http://localhost:1.evil.example/cb', false],
    ['//localhost/cb', false],
  ])('%s: %s', (uri, expected) => {
    expect(matchesRegistered(uri, registered)).toBe(expected);
  });

  test('parameters are added to the query, sorted, and the fragment stays at the end', () => {
    expect(withParameters('https://a.example/cb?z=1&a=b%20c#frag', { code: '+/=', state: '' })).toBe(
      'https://a.example/cb?a=b+c&code=%2B%2F%3D&state=&z=1#frag',
    );
    expect(withParameters('https://a.example/cb?code=old', { code: 'new' })).toBe('https://a.example/cb?code=new');
  });
});

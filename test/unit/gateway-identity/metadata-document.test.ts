import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentUrlKind } from '../../../src/gateway/identity/metadata-document.ts';
import { findAddress, isInternalAddress } from '../../../src/gateway/identity/public-address.ts';
import type { Resolve } from '../../../src/net/resolve.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import {
  answer,
  authorizeTarget,
  type Bench,
  bodyOf,
  Browser,
  createBench,
  header,
  obtainCode,
  obtainTokens,
  pageOf,
  refreshForm,
  requestToken,
  ROUTE_HOST,
  testOptions,
} from './harness.ts';
import { readRecording } from './fixture.ts';
import { startProvider, type TestProvider } from './provider.ts';

const RECORDINGS = readdirSync(join(import.meta.dirname, '../../fixtures/pomerium-live'))
  .filter((name) => /^cimd-.*\.http$/.test(name))
  .map((name) => name.slice(0, -'.http'.length))
  .filter((name) => readRecording(name).requestHeaders['cookie'] !== undefined);

/** Lists of allowed domains by recording; the rest has that of the recorded configuration. */
const LISTS: Record<string, string[]> = {
  'cimd-emptylist': [],
  'cimd-pattern-port': ['client.corp.test:18491'],
  'cimd-pattern-star': ['*.corp.test'],
  'cimd-pattern-starstar': ['*'],
  'cimd-pattern-upper': ['CLIENT.corp.test'],
  'cimd-pattern-url': ['https://client.corp.test'],
};
const ALLOWED = ['client.corp.test', 'priv-client.corp.test', 'nosuch.corp.test'];
const GOOD = 'https://client.corp.test:18491/good.json';

let folder: string;
let provider: TestProvider;
let server: Server;
/** Paths that the document server was asked for. */
let asked: string[] = [];
let ca: string;
let resolve: Resolve;

/** The document that the recorded client host had at a path. */
function documentAt(
  path: string,
  clientId: string,
): { status: number; headers?: Record<string, string>; body: string } {
  const document = {
    client_id: clientId,
    redirect_uris: ['http://127.0.0.1:7777/callback', 'http://localhost/callback'],
    token_endpoint_auth_method: 'none',
  };
  const json = (changes: Record<string, unknown> = {}) => ({
    status: 200,
    body: JSON.stringify({ ...document, ...changes }),
  });
  switch (path) {
    case '/good.json':
    case '/good.json?x=1':
      return json();
    case '/big.json':
      return json({ client_name: 'x'.repeat(5_120) });
    case '/noauth.json':
      return json({ token_endpoint_auth_method: undefined });
    case '/no-redirects.json':
      return json({ redirect_uris: [] });
    case '/not-json.json':
      return { status: 200, body: 'not json' };
    case '/list.json':
      return { status: 200, body: '[]' };
    case '/null.json':
      return { status: 200, body: 'null' };
    case '/pkjwt.json':
      return json({ token_endpoint_auth_method: 'private_key_jwt' });
    case '/secret.json':
      return json({ token_endpoint_auth_method: 'client_secret_basic' });
    case '/redirect.json':
      return { ...json(), status: 302, headers: { location: GOOD } };
    case '/text.json':
      return { ...json(), headers: { 'content-type': 'text/plain' } };
    case '/wrong-id.json':
      return json({ client_id: GOOD });
    default:
      return { ...json(), status: 404 };
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-cimd-'));
  provider = await startProvider();
  const authority = await ensureAuthority(folder, { domain: 'corp.test', now: Date.now() });
  const names = ['client.corp.test', 'priv-client.corp.test', '*.corp.test'];
  const certificate = await ensureServerCertificate({ authority, dir: folder, names, now: Date.now() });
  ca = authority.certPem;
  server = createServer({ cert: certificate.certPem, key: certificate.keyPem }, (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/endless.json') {
      setInterval(() => response.write('x'.repeat(1_000)), 1).unref();
      return;
    }
    const { status, headers, body } = documentAt(request.url ?? '', `https://${request.headers.host}${request.url}`);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  // The recorded client host listened on 18491 and 443; nobody on 18777.
  resolve = (host, wanted) => {
    if (host !== 'client.corp.test' && host !== 'priv-client.corp.test') return undefined;
    return { host: '127.0.0.1', port: wanted === 18_777 ? 1 : port };
  };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await provider.close();
  await rm(folder, { recursive: true });
});

function gateway(domains: string[], allowPrivateMetadataHosts: boolean): Bench {
  const options = testOptions({ idp_provider_url: provider.issuer, mcp_allowed_client_id_domains: domains });
  return createBench(options, { ca: [ca], resolve, allowPrivateMetadataHosts });
}

async function signedIn(bench: Bench): Promise<string> {
  const browser = new Browser(bench.identity);
  await obtainCode(browser, provider.issuer);
  return browser.cookieHeader(ROUTE_HOST) ?? '';
}

async function authorizeAs(bench: Bench, clientId: string) {
  const cookie = await signedIn(bench);
  const parameters = { response_type: 'code', client_id: clientId, redirect_uri: 'http://localhost:1/callback' };
  const target = authorizeTarget({ ...parameters, code_challenge: 'a'.repeat(43) });
  return answer(bench.identity, { target, headers: { cookie } });
}

describe('recorded requests with a client ID metadata document', () => {
  test('there are some', () => expect(RECORDINGS.length).toBeGreaterThan(25));

  test.each(RECORDINGS)('%s', async (name) => {
    const recording = readRecording(name);
    const bench = gateway(LISTS[name] ?? ALLOWED, name !== 'cimd-privateip');
    const headers = { cookie: await signedIn(bench), accept: recording.requestHeaders['accept'] ?? '' };
    asked = [];
    const reply = await answer(bench.identity, { target: recording.target, headers });
    expect(reply.status).toBe(recording.status);
    if (recording.page) expect(pageOf(reply)['description']).toBe(recording.page['description']);
    if (name === 'cimd-notallowed-json') {
      expect({ ...bodyOf(reply), RequestID: 0 }).toEqual({ ...(JSON.parse(recording.body) as object), RequestID: 0 });
    }
    // A domain that is not on the list is never asked.
    if (recording.status === 401) expect(asked).toEqual([]);
    expect(header(reply, 'location')?.split('?')[0]).toBe(recording.headers['location']?.split('?')[0]);
  });

  test('cimd-token, cimd-refresh: the document is fetched anew each time, and there are tokens', async () => {
    const bench = gateway(ALLOWED, true);
    asked = [];
    const { refreshToken, reply } = await obtainTokens(new Browser(bench.identity), provider.issuer, {
      clientId: GOOD,
    });
    expect(reply.status).toBe(readRecording('cimd-token').status);
    expect((await requestToken(bench.identity, refreshForm(GOOD, refreshToken))).status).toBe(200);
    expect(asked).toEqual(['/good.json', '/good.json', '/good.json']);
  });

  test('cimd-token-notallowed: the token endpoint says invalid_request', async () => {
    const clientId = 'https://other-client.corp.test:18491/good.json';
    const form = { grant_type: 'authorization_code', client_id: clientId, code: 'x', code_verifier: 'a'.repeat(43) };
    const reply = await requestToken(gateway(ALLOWED, true).identity, form);
    expect([reply.status, reply.body]).toEqual([400, '{"error":"invalid_request"}\n']);
  });
});

describe('what a document host may try', () => {
  test.each(['endless', 'list', 'null'])('%s.json is refused, and the reason is in the log', async (name) => {
    const bench = gateway(ALLOWED, true);
    const reply = await authorizeAs(bench, `https://client.corp.test:18491/${name}.json`);
    expect(pageOf(reply)['description']).toBe('The MCP client metadata could not be validated.');
    expect(bench.logs.map(({ message }) => message)).toContain('mcp/authorize: client metadata refused');
  });

  test('a certificate that nobody vouches for', async () => {
    const options = testOptions({ idp_provider_url: provider.issuer, mcp_allowed_client_id_domains: ALLOWED });
    const bench = createBench(options, { resolve, allowPrivateMetadataHosts: true });
    asked = [];
    expect((await authorizeAs(bench, GOOD)).status).toBe(400);
    expect(asked).toEqual([]);
  });

  test.each([
    'https://127.0.0.1/c',
    'https://2130706433/c',
    'https://0x7f.1/c',
    'https://[::1]/c',
    'https://[::ffff:127.0.0.1]/c',
  ])('%s: an internal address is not asked, however it is spelled', async (clientId) => {
    const bench = gateway(['127.0.0.1', '[::1]', '[::ffff:7f00:1]'], false);
    const reply = await authorizeAs(bench, clientId);
    expect(reply.status).toBe(400);
    expect(JSON.stringify(bench.logs)).toContain('has no public address');
  });
});

describe('URLs of documents', () => {
  test.each([
    ['https://a.example/c', 'yes'],
    ['HTTPS://a.example:8443/c?x=1', 'yes'],
    ['https://a.example', 'broken'],
    ['https://a.example/', 'broken'],
    ['https://a.example/c#f', 'broken'],
    ['https://a.example/./c', 'broken'],
    ['https://a.example/%2e%2E/c', 'broken'],
    ['https://u:p@a.example/c', 'broken'],
    ['https:///c', 'broken'],
    ['http://a.example/c', 'no'],
    ['https:a.example/c', 'no'],
    ['https://a.example:port/c', 'no'],
    ['https://a.example/%zz', 'no'],
    ['6a2d04ec-d626-4b2d-92b7-ac58bb5bab50', 'no'],
  ] as const)('%s: %s', (url, kind) => expect(documentUrlKind(url)).toBe(kind));
});

describe('addresses', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '224.0.0.1',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    'fd00::1',
    'fe80::1%lo',
    'ff02::1',
  ])('%s is internal', (address) => expect(isInternalAddress(address)).toBe(true));

  test.each(['1.1.1.1', '172.32.0.1', '203.0.113.7', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) =>
    expect(isInternalAddress(address)).toBe(false),
  );

  test('a name is looked up once, and only a public address is handed out', async () => {
    await expect(findAddress('localhost', false)).rejects.toThrow('localhost has no public address');
    expect(['127.0.0.1', '::1']).toContain(await findAddress('localhost', true));
  });
});

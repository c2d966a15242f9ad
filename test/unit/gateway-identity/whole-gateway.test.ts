import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningGateway, startGateway } from '../../../src/gateway/index.ts';
import { createFetch, type Fetch } from '../../../src/net/fetch.ts';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { createPkce } from './harness.ts';
import { startProvider, type TestProvider } from './provider.ts';

const WHOAMI = 'https://whoami.localhost:8443';

let folder: string;
let provider: TestProvider;
let upstream: Server;
let gateway: RunningGateway;
let fetchThere: Fetch;
let start: () => Promise<RunningGateway>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-whole-'));
  provider = await startProvider();
  upstream = createServer((request, response) => {
    response
      .setHeader('x-assertion', String(request.headers['x-pomerium-jwt-assertion']))
      .end('{"jsonrpc":"2.0","id":1,"result":{}}');
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const authority = await ensureAuthority(folder, { now: Date.now() });
  const names = ['whoami.localhost', 'authenticate.localhost'];
  const certificate = await ensureServerCertificate({ authority, dir: folder, names, now: Date.now() });
  const secret = Buffer.alloc(32, 3).toString('base64');
  const { options, problems } = parseConfig(configuration(secret), { file: 'pomerium-config.yaml' });
  if (!options) throw new Error(JSON.stringify(problems));
  start = () =>
    startGateway({
      options,
      listen: { host: '127.0.0.1', port: 0 },
      stateFile: join(folder, 'gateway.db'),
      tls: { cert: certificate.certPem, key: certificate.keyPem },
      resolve: () => undefined,
      ca: [authority.certPem],
      log: () => undefined,
      allowPrivateMetadataHosts: false,
    });
  gateway = await start();
  fetchThere = createFetch({
    ca: [authority.certPem],
    resolve: (host, port) => (port === 8443 ? { host: '127.0.0.1', port: gateway.address.port } : { host, port }),
  });
});
afterAll(async () => {
  await gateway.close();
  upstream.close();
  upstream.closeAllConnections();
  await provider.close();
  await rm(folder, { recursive: true });
});

function configuration(secret: string): string {
  return `
address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: ${provider.issuer}
idp_client_id: pomerium
idp_client_secret: secret
shared_secret: ${secret}
cookie_secret: ${secret}
runtime_flags: {mcp: true, mcp_dynamic_client_registration: true}
routes:
  - from: ${WHOAMI}
    to: http://127.0.0.1:${(upstream.address() as AddressInfo).port}
    pass_identity_headers: true
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
`;
}

/** Values by host and cookie name. */
type CookieJar = Map<string, string>;

function cookieHeader(jar: CookieJar, hostname: string): string {
  const own = [...jar].filter(([key]) => key.startsWith(`${hostname} `));
  return own.map(([key, value]) => `${key.slice(hostname.length + 1)}=${value}`).join('; ');
}

/** Follows redirects with a cookie jar, as a browser does, until one leads away from gateway and provider. */
async function browse(url: string, jar: CookieJar): Promise<string> {
  for (let next = url, hops = 0; hops < 20; hops++) {
    const { hostname } = new URL(next);
    const headers = { accept: 'text/html', cookie: cookieHeader(jar, hostname) };
    const response = await fetchThere(next, { headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? [];
      jar.set(`${hostname} ${name}`, value);
    }
    await response.text();
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${next} answered ${response.status}`);
    next = new URL(location, next).href;
    if (!next.startsWith('https:') && !next.startsWith(provider.issuer)) return next;
  }
  throw new Error('too many redirects');
}

function callTool(token: string): Promise<Response> {
  return fetchThere(WHOAMI, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  });
}

async function post(path: string, body: URLSearchParams | string): Promise<Record<string, string>> {
  const response = await fetchThere(`${WHOAMI}/.pomerium/mcp/${path}`, { method: 'POST', body });
  return (await response.json()) as Record<string, string>;
}

test('from registration to a tool call over TLS, and on after a restart', async () => {
  const callback = 'http://127.0.0.1:7777/callback';
  const registration = JSON.stringify({ redirect_uris: [callback], token_endpoint_auth_method: 'none' });
  const { client_id: clientId = '' } = await post('register', registration);
  const { verifier, challenge } = createPkce();
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: callback,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'st',
  });
  const jar: CookieJar = new Map();
  const back = new URL(await browse(`${WHOAMI}/.pomerium/mcp/authorize?${query.toString()}`, jar));
  expect(back.href.startsWith(callback)).toBe(true);
  expect(back.searchParams.get('state')).toBe('st');
  const code = back.searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', client_id: clientId, code, code_verifier: verifier };
  const { access_token: token = '' } = await post('token', new URLSearchParams(grant));

  const called = await callTool(token);
  expect(called.status).toBe(200);
  const claims = Buffer.from(called.headers.get('x-assertion')?.split('.')[1] ?? '', 'base64url').toString();
  expect(JSON.parse(claims)).toMatchObject({
    sub: 'alice',
    email: 'alice@company.com',
    groups: ['admins', 'engineering'],
  });
  expect((await callTool(`${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`)).status).toBe(401);
  expect(gateway.stats().users.map(({ email }) => email)).toEqual(['alice@company.com']);

  await gateway.close();
  gateway = await start();
  expect((await callTool(token)).status).toBe(200);
  const user = await fetchThere(`${WHOAMI}/.pomerium/user`, {
    headers: { cookie: cookieHeader(jar, 'whoami.localhost') },
  });
  expect(await user.json()).toMatchObject({ email: 'alice@company.com', user: 'alice' });
});

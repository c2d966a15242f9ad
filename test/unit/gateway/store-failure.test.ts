import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueTestCertificate } from './support/certificate.ts';
import { SECRETS, startTestGateway, type TestGateway } from './support/start.ts';
import { exchange, type WireResponse } from './support/wire.ts';

/** What Pomerium v0.33.1 was seen to answer while its Postgres was away. */
const AWAY =
  'failed to connect to `user=pomerium database=pomerium`: hostname resolving error: lookup postgres: no such host';

let upstream: Server;
let gateway: TestGateway;
let failure: string | undefined;

function route(name: string, mcp: string): string {
  return `
  - from: https://${name}.localhost:8443
    to: http://upstream:80
    mcp: {${mcp}: {}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]`;
}

beforeAll(async () => {
  upstream = createServer((request, response) => {
    request.resume();
    response.end('from the upstream');
  });
  await new Promise<void>((done) => upstream.listen(0, '127.0.0.1', done));
  const certificate = await issueTestCertificate('localhost', ['mcp.localhost', 'app.localhost']);
  gateway = await startTestGateway({
    yaml: `${SECRETS}authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_client_secret: x
certificates: [{cert: /x.crt, key: /x.key}]
routes:${route('mcp', 'server')}${route('app', 'client')}
`,
    certificate,
    upstreams: { 'upstream:80': (upstream.address() as AddressInfo).port },
  });
  Object.assign(gateway.identity, { storeFailure: () => failure });
});
afterAll(async () => {
  await gateway.close();
  upstream.close();
  upstream.closeAllConnections();
});

function get(host: string, path: string, headers: string): Promise<WireResponse> {
  const head = `GET ${path} HTTP/1.1\r\nHost: ${host}.localhost:8443\r\nAccept: application/json\r\n${headers}Connection: close\r\n\r\n`;
  return exchange({ port: gateway.port, ca: gateway.ca }, head);
}

const TOKEN = 'Authorization: Bearer alice\r\n';

test('a call with a good token is 502 without a body, and the log says which lookup failed', async () => {
  failure = AWAY;
  const answer = await get('mcp', '/', TOKEN);
  expect([answer.status, answer.body.toString()]).toEqual([502, '']);
  expect(gateway.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      message: 'ext_proc: error getting upstream token',
      error: `looking up upstream token: failed to get upstream MCP token: ${AWAY}`,
    }),
  );
  expect(gateway.stats().storeFailure).toBe(AWAY);
});

test('the list of routes is 500 and names the request', async () => {
  failure = AWAY;
  const answer = await get('mcp', '/.pomerium/mcp/routes', TOKEN);
  const id = answer.headers.get('x-request-id');
  expect([answer.status, answer.body.toString().trim()]).toEqual([
    500,
    `Internal error. Check logs for request ID: ${id}`,
  ]);
});

test('strangers are challenged and pages of client routes are served as ever', async () => {
  failure = AWAY;
  expect((await get('mcp', '/', '')).status).toBe(401);
  const page = await get('app', '/', 'Cookie: _pomerium=alice\r\n');
  expect([page.status, page.body.toString()]).toEqual([200, 'from the upstream']);
});

test('when the store is back calls go through', async () => {
  failure = undefined;
  const answer = await get('mcp', '/', TOKEN);
  expect([answer.status, answer.body.toString()]).toEqual([200, 'from the upstream']);
  expect((await get('mcp', '/.pomerium/mcp/routes', TOKEN)).status).toBe(200);
  expect(gateway.stats()).not.toHaveProperty('storeFailure');
});

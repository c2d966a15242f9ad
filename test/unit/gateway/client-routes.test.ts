import { createServer, type IncomingMessage, type Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { issueTestCertificate } from './support/certificate.ts';
import { BASE } from './support/main-route.ts';
import { startTestGateway, type TestGateway } from './support/start.ts';
import { exchange } from './support/wire.ts';

const POLICY = 'policy: [{allow: {or: [{domain: {is: company.com}}]}}]';
const YAML = `${BASE}routes:
  - from: https://app.localhost:8443
    to: http://app:80
    mcp: {client: {}}
    allow_websockets: true
    set_request_headers: {Authorization: Bearer of-the-configuration, X-Api-Key: k-123}
    ${POLICY}
  - from: https://told.localhost:8443
    to: http://app:80
    pass_identity_headers: true
    mcp: {client: {}}
    ${POLICY}
  - from: https://open.localhost:8443
    to: http://app:80
    mcp: {client: {}}
    allow_public_unauthenticated_access: true
  - from: https://plain.localhost:8443
    to: http://app:80
    ${POLICY}
  - from: https://server.localhost:8443
    to: http://app:80
    mcp: {server: {}}
    ${POLICY}
`;

let app: Server;
let gateway: TestGateway;
/** Headers that reached the application last. */
let seen: IncomingMessage['headers'] = {};
let tokensMade = 0;

beforeAll(async () => {
  app = createServer((request, response) => {
    seen = request.headers;
    response.end('hello');
  });
  app.on('upgrade', (request: IncomingMessage, socket) => {
    seen = request.headers;
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  });
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  const names = ['app', 'told', 'open', 'plain', 'server'].map((name) => `${name}.localhost`);
  gateway = await startTestGateway({
    yaml: YAML,
    certificate: await issueTestCertificate('localhost', names),
    upstreams: { 'app:80': (app.address() as AddressInfo).port },
  });
  gateway.identity.clientRouteToken = ({ userId }) => `token-${++tokensMade}-of-${userId}`;
});
afterAll(async () => {
  await gateway.close();
  app.close();
  app.closeAllConnections();
});
beforeEach(() => {
  seen = {};
  tokensMade = 0;
});

function get(host: string, headers = '', path = '/') {
  const target = { port: gateway.port, ca: gateway.ca, servername: `${host}.localhost` };
  const head = `GET ${path} HTTP/1.1\r\nHost: ${host}.localhost:8443\r\nAccept: application/json\r\n${headers}Connection: close\r\n\r\n`;
  return exchange(target, head);
}

const ALICE = 'Cookie: _pomerium=alice\r\n';

test('the application is given a token of its signed-in user, and none that anybody else sent or configured', async () => {
  const response = await get('app', `${ALICE}Authorization: Bearer of-the-client\r\n`);
  expect(response.status).toBe(200);
  expect(seen['authorization']).toBe('Bearer token-1-of-alice');
  expect(seen['x-api-key']).toBe('k-123');
  expect(seen).not.toHaveProperty('x-pomerium-jwt-assertion');
});

test('each request has its own token', async () => {
  await get('app', ALICE);
  await get('app', ALICE);
  expect(seen['authorization']).toBe('Bearer token-2-of-alice');
});

test('pass_identity_headers adds the assertion', async () => {
  await get('told', ALICE);
  expect(seen['authorization']).toBe('Bearer token-1-of-alice');
  const claims = Buffer.from(String(seen['x-pomerium-jwt-assertion']).split('.')[1] ?? '', 'base64url').toString();
  expect(JSON.parse(claims)).toMatchObject({ sub: 'alice', aud: 'told.localhost' });
});

test('without a session a public application gets what the client sent, and with one a token', async () => {
  await get('open', 'Authorization: Bearer of-the-client\r\n');
  expect(seen['authorization']).toBe('Bearer of-the-client');
  await get('open');
  expect(seen).not.toHaveProperty('authorization');
  await get('open', `${ALICE}Authorization: Bearer of-the-client\r\n`);
  expect(seen['authorization']).toBe('Bearer token-1-of-alice');
});

test('a WebSocket is opened with a token too', async () => {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    host: 'app.localhost:8443',
    cookie: '_pomerium=alice',
    connection: 'upgrade',
    upgrade: 'websocket',
  };
  const request = httpsRequest({
    host: '127.0.0.1',
    port: gateway.port,
    ca: gateway.ca,
    servername: 'app.localhost',
    headers: { ...headers, authorization: 'Bearer of-the-client' },
  });
  request.on('upgrade', (response, socket) => {
    socket.destroy();
    resolve(response.statusCode ?? 0);
  });
  request.on('response', ({ statusCode }) => resolve(statusCode ?? 0)).on('error', reject);
  request.end();
  expect(await promise).toBe(101);
  expect(seen['authorization']).toBe('Bearer token-1-of-alice');
});

test('an External Token opens no client route', async () => {
  expect((await get('app', 'Authorization: Bearer alice\r\n')).status).toBe(401);
  expect(seen).toEqual({});
});

test('other routes neither get a token nor pay for one', async () => {
  await get('plain', `${ALICE}Authorization: Bearer of-the-client\r\n`);
  expect(seen['authorization']).toBe('Bearer of-the-client');
  await get('server', 'Authorization: Bearer alice\r\n');
  expect(seen).not.toHaveProperty('authorization');
  expect(tokensMade).toBe(0);
});

test('who is not let in costs no token either', async () => {
  expect((await get('app', 'Cookie: _pomerium=bob\r\n')).status).toBe(403);
  expect((await get('app')).status).toBe(401);
  expect(tokensMade).toBe(0);
});

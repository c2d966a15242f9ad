import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, listening } from './support/main-route.ts';
import { optionsOf, startTestGateway, type TestGateway } from './support/start.ts';
import { exchange, openSocket, sendRaw } from './support/wire.ts';

const SERVER = '    mcp: {server: {}}\n';
const CLIENT = '    mcp: {client: {}}\n';
const WEBSOCKETS = '    allow_websockets: true\n';

const yaml = (keys: string, global = ''): string =>
  `${BASE}${global}routes:\n  - from: https://mcp.localhost:8443\n    to: http://upstream:80\n    policy: [{allow: {or: [{domain: {is: company.com}}]}}]\n${keys}`;

const handshake = (who: string, { path = '/', protocol = 'websocket' } = {}): string =>
  `GET ${path} HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: application/json\r\n${who}Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: k\r\n\r\n`;

/** What has come so far, and what is sent. */
const open = (gateway: TestGateway, bytes: string) => {
  const socket: TLSSocket = openSocket({ port: gateway.port, ca: gateway.ca });
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()).on('error', () => resolve()));
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.write(bytes);
  return { socket, closed, text: () => text };
};

describe('upgrades', () => {
  let certificate: TestCertificate;
  let upstream: Server;
  let port: number;
  const accepted: { request: IncomingMessage; socket: Duplex }[] = [];

  beforeAll(async () => {
    certificate = await issueTestCertificate('localhost', ['mcp.localhost']);
    upstream = createServer((request, response) => response.end(request.headers.upgrade ?? 'no upgrade'));
    upstream.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      if (request.url === '/refused') {
        socket.end('HTTP/1.1 426 Upgrade Required\r\nX-Why: version\r\nContent-Length: 5\r\n\r\nsorry');
        return;
      }
      accepted.push({ request, socket });
      socket.on('error', () => socket.destroy());
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${request.headers.upgrade}\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: yes\r\n\r\nhello;`,
      );
      socket.pipe(socket);
    });
    port = await listening(upstream);
  });

  afterAll(() => {
    upstream.close();
    upstream.closeAllConnections();
  });

  const start = (keys: string, global = ''): Promise<TestGateway> =>
    startTestGateway({ yaml: yaml(keys, global), certificate, upstreams: { 'upstream:80': port } });

  const COOKIE = 'Cookie: _pomerium=alice\r\n';
  const BEARER = 'Authorization: Bearer alice\r\n';

  test.each([
    ['a plain route', '', COOKIE, undefined],
    ['a client route', CLIENT, COOKIE, 'Bearer token-of-alice'],
    ['a server route', SERVER, BEARER, undefined],
  ])('a WebSocket on %s talks both ways, for those whom the policy allows', async (_, keys, who, authorization) => {
    accepted.length = 0;
    const gateway = await start(keys + WEBSOCKETS);
    const { socket, closed, text } = open(gateway, `${handshake(who)}early;`);
    await expect.poll(text).toMatch(/hello;early;$/);
    socket.write('late;');
    await expect.poll(text).toMatch(/hello;early;late;$/);
    expect(text()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(text()).toMatch(/sec-websocket-accept: yes\r\n/i);
    expect(text()).toMatch(/server: envoy\r\nx-request-id: \S+\r\n/);
    const [first] = accepted;
    expect(first?.request.headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-key': 'k', host: 'upstream' });
    expect(first?.request.headers.authorization).toBe(authorization);
    expect(first?.request.headers.cookie ?? '').not.toContain('_pomerium');
    first?.socket.destroy();
    await closed;
    await gateway.close();
  });

  test.each([
    ['a plain route', '', '', 401, 'Unauthenticated'],
    ['a client route', CLIENT, '', 401, 'Unauthenticated'],
    ['a server route', SERVER, '', 401, 'Unauthorized'],
    ['a plain route, signed in', '', 'Cookie: _pomerium=bob\r\n', 403, 'Forbidden'],
  ])('who is refused on %s is answered as without an upgrade', async (_, keys, who, status, error) => {
    const gateway = await start(keys + WEBSOCKETS);
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, handshake(who));
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error });
    expect(answer.headers.has('www-authenticate')).toBe(keys === SERVER);
    await gateway.close();
  });

  test('a route that does not allow it answers 403 in the form that the client reads', async () => {
    const gateway = await start('');
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, handshake(COOKIE));
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: '403', statusText: 'upgrade_failed' });
    await gateway.close();
  });

  test.each([
    ['allow_spdy', '    allow_spdy: true\n', '', 'SPDY/3.1', 101],
    ['allow_upgrades', '    allow_upgrades: [Custom]\n', '', 'custom', 101],
    ['allow_upgrades with websocket', '    allow_upgrades: [websocket]\n', '', 'websocket', 101],
    ['the global allow_upgrades', '', 'allow_upgrades: [custom]\n', 'custom', 101],
    [
      'the route’s list in place of the global one',
      '    allow_upgrades: [other]\n',
      'allow_upgrades: [custom]\n',
      'custom',
      403,
    ],
    ['websockets alone', WEBSOCKETS, '', 'custom', 403],
  ])('%s', async (_, keys, global, protocol, status) => {
    const gateway = await start(keys, global);
    const bytes = await sendRaw({ port: gateway.port, ca: gateway.ca }, handshake(COOKIE, { protocol }), 300);
    expect(bytes.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await gateway.close();
  });

  test('an offer of HTTP/2 is passed over', async () => {
    const gateway = await start('');
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, handshake(COOKIE, { protocol: 'h2c' }));
    expect([answer.status, answer.body.toString()]).toEqual([200, 'no upgrade']);
    await gateway.close();
  });

  test('the upstream’s refusal reaches the client whole', async () => {
    const gateway = await start(WEBSOCKETS);
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, handshake(COOKIE, { path: '/refused' }));
    expect([answer.status, answer.headers.get('x-why'), answer.body.toString()]).toEqual([426, 'version', 'sorry']);
    await gateway.close();
  });

  test('an upstream that is not there is a 503', async () => {
    const dead = await startTestGateway({
      yaml: yaml(WEBSOCKETS),
      certificate,
      upstreams: { 'upstream:80': 1 },
    });
    const answer = await exchange({ port: dead.port, ca: dead.ca }, handshake(COOKIE));
    expect(answer.status).toBe(503);
    await dead.close();
  });

  test('neither end outlives the other, and silence ends both where the route has an idle_timeout', async () => {
    accepted.length = 0;
    const gateway = await start(WEBSOCKETS);
    const left = open(gateway, handshake(COOKIE));
    await expect.poll(left.text).toMatch(/hello;$/);
    left.socket.destroy();
    await expect.poll(() => accepted[0]?.socket.destroyed).toBe(true);
    await gateway.close();
    const strict = await start(`${WEBSOCKETS}    idle_timeout: 80ms\n`);
    const silent = open(strict, handshake(COOKIE));
    await expect.poll(silent.text).toMatch(/hello;$/);
    await silent.closed;
    await strict.close();
  });

  test('an open WebSocket survives a reload that takes its route away', async () => {
    const gateway = await start(WEBSOCKETS);
    const { socket, text } = open(gateway, handshake(COOKIE));
    await expect.poll(text).toMatch(/hello;$/);
    gateway.reload(optionsOf(yaml('').replaceAll('mcp.localhost', 'other.localhost'), certificate));
    socket.write('still;');
    await expect.poll(text).toMatch(/still;$/);
    expect((await exchange({ port: gateway.port, ca: gateway.ca }, handshake(COOKIE))).status).toBe(403);
    await gateway.close();
  });
});

import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { acceptsBoth } from '../../../src/servers/accept.ts';
import { callTool, databaseOf, messageOf, post, startTestServers, type TestServers } from './helpers.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

async function whoami(options: Parameters<typeof startTestServers>[1] = {}): Promise<TestServers> {
  return startTestServers({ whoami: { issuers: ['gw.test'], fetch } }, options);
}

/** fetch() sets Host itself; this does not. */
async function statusWith(port: number, headers: Record<string, string>, path = '/whoami'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    method: 'POST',
    headers: { accept: '*/*', 'content-type': 'application/json', ...headers },
  });
  outgoing.once('error', reject).once('response', (response) => resolve(response.resume().statusCode ?? 0));
  outgoing.end(JSON.stringify(PING));
  return promise;
}

describe('DNS rebinding', () => {
  test('a page of another site that points its name here is refused by its Host and by its Origin', async () => {
    const { port } = await whoami();
    expect(await statusWith(port, { host: `evil.example:${port}`, origin: `http://evil.example:${port}` })).toBe(403);
    expect(await statusWith(port, { host: `evil.example:${port}` })).toBe(403);
    expect(await statusWith(port, { host: `127.0.0.1:${port}`, origin: `http://evil.example:${port}` })).toBe(403);
  });

  test('the refusal is a JSON-RPC error without id, and the log says how to allow it', async () => {
    const { url, log } = await whoami();
    const response = await post(`${url}/whoami`, PING, { origin: 'https://evil.example' });
    expect(log).toMatchObject([{ level: 'warn', reason: 'Origin not allowed: https://evil.example' }]);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      jsonrpc: '2.0',
      error: { code: -32000, message: 'Origin not allowed: https://evil.example' },
      id: null,
    });
  });

  test.each(['localhost', 'localhost:1', '127.0.0.1', '[::1]:9', 'LOCALHOST'])(
    'loopback is always allowed: %s',
    async (host) => {
      const { port } = await whoami();
      expect(await statusWith(port, { host })).toBe(200);
      expect(await statusWith(port, { host, origin: `http://${host}` })).toBe(200);
    },
  );

  test('allowed hosts count with any port, or with the one they name', async () => {
    const { port } = await whoami({ allowedHosts: ['mcp-servers', 'gw.test:8080'] });
    const status = async (host: string): Promise<number> => statusWith(port, { host });
    expect(await Promise.all(['mcp-servers', 'mcp-servers:9', 'gw.test:8080', 'GW.TEST:8080'].map(status))).toEqual([
      200, 200, 200, 200,
    ]);
    expect(await Promise.all(['gw.test', 'gw.test:9', 'gw.test.evil.example', 'x.mcp-servers'].map(status))).toEqual([
      403, 403, 403, 403,
    ]);
  });

  test.each(['evil.example@localhost', 'localhost/evil.example', 'localhost evil', 'localhost,evil.example'])(
    'an odd Host is refused: %j',
    async (host) => {
      const { port } = await whoami();
      expect(await statusWith(port, { host })).toBe(403);
    },
  );

  test('allowed origins count to the letter, or by name for any scheme and port', async () => {
    const { port } = await whoami({ allowedOrigins: ['https://app.test', 'inspector.test'] });
    const status = async (origin: string): Promise<number> => statusWith(port, { origin });
    expect(await Promise.all(['https://app.test', 'http://inspector.test:6274'].map(status))).toEqual([200, 200]);
    expect(
      await Promise.all(
        ['http://app.test', 'https://app.test:8443', 'null', 'file://', 'https://app.test.evil.example'].map(status),
      ),
    ).toEqual([403, 403, 403, 403, 403]);
  });
});

describe('paths and methods', () => {
  test('the health path answers without Host check', async () => {
    const { url, port } = await whoami();
    expect(await (await fetch(`${url}/healthz`)).text()).toBe('ok\n');
    expect(await statusWith(port, { host: '10.1.2.3:8080' }, '/healthz')).toBe(200);
  });

  test.each(['/', '/whoami/', '/whoami/x', '/WHOAMI', '/mcp', '//whoami', '/sqlite', '/%'])(
    '%s is not found',
    async (path) => {
      const { url } = await whoami();
      const response = await post(url + path, PING);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('404 page not found\n');
    },
  );

  test.each(['GET', 'DELETE', 'PUT', 'OPTIONS'])('%s is answered 405 with Allow', async (method) => {
    const { url } = await whoami();
    const response = await fetch(`${url}/whoami`, {
      method,
      headers: { accept: 'text/event-stream', 'mcp-session-id': 'x' },
    });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('bodies', () => {
  test('more than 4 MiB is refused, announced or not, and the server goes on', async () => {
    const { url, port } = await whoami();
    const big = JSON.stringify({ ...PING, params: { x: 'a'.repeat(5 * 1024 * 1024) } });
    expect((await post(`${url}/whoami`, big).catch(() => ({ status: 413 }))).status).toBe(413);
    expect(
      await firstLine(
        port,
        `POST /whoami HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Length: 99999999\r\n\r\n`,
      ),
    ).toContain('413');
    expect((await post(`${url}/whoami`, PING)).status).toBe(200);
  });

  test('JSON nested without end is refused; brackets in texts do not count', async () => {
    const { url } = await whoami();
    const deep = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    expect((await post(`${url}/whoami`, deep)).status).toBe(400);
    expect((await post(`${url}/whoami`, { ...PING, params: { _meta: { x: `"\\${'['.repeat(1000)}` } } })).status).toBe(
      200,
    );
  });

  test('five hundred messages in a batch are refused, a hundred are answered', async () => {
    const { url } = await whoami();
    expect((await post(`${url}/whoami`, batch(500))).status).toBe(400);
    const answers = await (await post(`${url}/whoami`, batch(100))).text();
    expect(answers.match(/^data: /gm)).toHaveLength(100);
  });

  test.each(['', 'no json', '7', 'null', '[]', '{}', '{"jsonrpc":"1.0","id":1,"method":"ping"}', '\u0000'])(
    '%j is an error of JSON-RPC',
    async (body) => {
      const { url } = await whoami();
      const response = await post(`${url}/whoami`, body);
      expect(response.status).toBe(400);
      expect((await messageOf(response)).error?.code).toBeLessThan(-32000);
    },
  );

  test('a client that hangs up half way harms nobody', async () => {
    const { url, port } = await whoami();
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /whoami HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"json',
    );
    await sleep(50);
    socket.destroy();
    expect((await post(`${url}/whoami`, PING)).status).toBe(200);
  });

  test('three requests sent at once on one connection are answered in order', async () => {
    const { port } = await whoami();
    const answer = await exchange(port, rawPing(1, false) + rawPing(2, false) + rawPing(3, true));
    expect([...answer.matchAll(/"id":(\d)/g)].map((match) => match[1])).toEqual(['1', '2', '3']);
  });
});

test.each([
  ['*/*', true],
  ['application/*, text/*', true],
  ['Application/JSON;q=0.9, text/event-stream', true],
  ['application/json', false],
  ['application/json, text/event-stream;q=0', false],
  ['text/html', false],
  ['', false],
  [undefined, false],
])('Accept %j takes both kinds of answer: %s', (accept, takes) => {
  expect(acceptsBoth(accept)).toBe(takes);
});

describe('stopping', () => {
  const SLOW =
    'SELECT count(*) AS n FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3000000) SELECT x FROM c)';

  test('a call in flight is finished, a new connection is refused', async () => {
    const file = await databaseOf('CREATE TABLE t(x)');
    const { url, close } = await startTestServers({ sqlite: { file } });
    const call = callTool(`${url}/sqlite`, 'read_query', { query: SLOW });
    await sleep(100);
    const stopped = close();
    await expect(fetch(`${url}/healthz`, { headers: { connection: 'close' } })).rejects.toThrow();
    expect(await call).toEqual({ isError: false, texts: ['[\n  {\n    "n": 3000000\n  }\n]'] });
    await stopped;
  });

  test('a request that was only half sent when the stop began is told to go elsewhere', async () => {
    const file = await databaseOf('CREATE TABLE t(x)');
    const { url, port, close } = await startTestServers({ sqlite: { file } });
    const call = callTool(`${url}/sqlite`, 'read_query', { query: SLOW });
    const late = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve) => late.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    late.write('POST /sqlite HTTP/1.1\r\nHost: localhost\r\n');
    await sleep(100);
    const stopped = close();
    late.write('Content-Length: 0\r\n\r\n');
    expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*connection: close/i);
    expect((await call).isError).toBe(false);
    await stopped;
  });

  test('idle connections and subscriptions do not hold it up', async () => {
    const { url, port, close } = await whoami();
    const idle = connect(port, '127.0.0.1');
    const ended = new Promise((resolve) => idle.once('close', resolve));
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
    const params = { notifications: {}, _meta: meta };
    const subscription = await post(
      `${url}/whoami`,
      { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params },
      headers,
    );
    expect(subscription.headers.get('content-type')).toBe('text/event-stream');
    idle.resume();
    await close();
    await ended;
    await subscription.text().catch(() => undefined);
    await expect(fetch(url)).rejects.toThrow();
  });
});

async function firstLine(port: number, bytes: string): Promise<string> {
  return (await exchange(port, bytes)).split('\r\n', 1)[0] ?? '';
}

async function exchange(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = '';
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.once('error', reject).once('close', () => resolve(text));
  return promise;
}

function batch(count: number): unknown {
  return Array.from({ length: count }, (_, id) => ({ ...PING, id }));
}

function rawPing(id: number, last: boolean): string {
  const body = JSON.stringify({ ...PING, id });
  return `POST /whoami HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${last ? 'Connection: close\r\n' : ''}\r\n${body}`;
}

import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { callTool, messageOf, post, startTestServers } from '../servers/helpers.ts';
import { openSocket, sendRaw } from '../gateway/support/wire.ts';
import { Heard } from '../gateway/support/proxy-bed.ts';
import { A, Bed, BOB } from './support/bed.ts';

const SECRET_TOOL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"}}';

afterEach(() => void vi.useRealTimers());

async function signedIn(o: Parameters<typeof Bed.open>[0] = {}) {
  const bed = await Bed.open(o);
  const client = bed.client();
  const { access } = await client.tokens();
  return { bed, client, access };
}

describe('who may connect', () => {
  test('TR-1 the gateway listens on loopback unless told otherwise', async () => {
    const bed = await Bed.open();
    expect(bed.gateway.address.host).toBe('127.0.0.1');
  });

  test('TR-1 a Host that no route has gets nothing: 404', async () => {
    const { bed, access } = await signedIn();
    for (const host of [
      'evil.example',
      'evil.example:8443',
      '127.0.0.1',
      'a.localhost:1',
      'a.localhost.evil.example:8443',
    ]) {
      const answer = await bed.raw(
        `GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${access}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer.status).toBe(404);
    }
    expect(bed.echo.calls).toEqual([]);
  });

  test('TR-1 is not held for Origin, as in Pomerium: a page of any site may call with a token', async () => {
    const { client, access } = await signedIn();
    expect((await client.call(access, A, { headers: { origin: 'https://evil.example' } })).status).toBe(200);
  });

  test('TR-1 a reference server refuses a foreign Origin and a foreign Host', async () => {
    const { url } = await startTestServers({ whoami: { issuers: ['gw.test'], fetch } });
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect((await post(`${url}/whoami`, ping, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post(`${url}/whoami`, ping, { origin: 'http://localhost:6274' })).status).toBe(200);
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });

  test('TR-7 a preflight is answered without a token, and a refusal shows its challenge to the page', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const preflight = await client.call(undefined, A, { method: 'OPTIONS', headers: asked('authorization') });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('Authorization'),
    ]);
    const refused = await client.call(undefined, A, { headers: { origin: 'http://localhost:6274' } });
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  test('TR-7 is not held for the headers of MCP 2026-07-28, as in Pomerium: they are not in the list', async () => {
    const bed = await Bed.open();
    const headers = asked('mcp-method, mcp-name, mcp-param-x');
    const { headers: got } = await bed.client().call(undefined, A, { method: 'OPTIONS', headers });
    expect(got.get('access-control-allow-headers')?.toLowerCase()).not.toMatch(/mcp-method|mcp-name|mcp-param/);
  });
});

describe('headers and bodies', () => {
  const MODERN = { 'mcp-protocol-version': '2026-07-28' };

  test.each([
    ['method', { 'mcp-method': 'ping', 'mcp-name': 'whoami' }],
    ['name', { 'mcp-method': 'tools/call', 'mcp-name': 'other' }],
    ['twice told name', { 'mcp-method': 'tools/call', 'mcp-name': 'whoami, other' }],
    ['base64 name', { 'mcp-method': 'tools/call', 'mcp-name': sentinel('other') }],
  ])('TR-2 a reference server refuses a %s in the headers that the body does not have', async (_, headers) => {
    const { url } = await startTestServers({ whoami: { issuers: ['gw.test'], fetch } });
    const response = await post(`${url}/whoami`, modernCall('whoami'), { ...MODERN, ...headers });
    expect(response.status).toBe(400);
    expect((await messageOf(response)).error?.code).toBe(-32_020);
  });

  test('TR-2 a reference server takes a name in base64 for what it says', async () => {
    const { url } = await startTestServers({ whoami: { issuers: ['gw.test'], fetch } });
    const headers = { ...MODERN, 'mcp-method': 'tools/call', 'mcp-name': sentinel('whoami') };
    expect((await post(`${url}/whoami`, modernCall('whoami'), headers)).status).toBe(200);
  });

  test('TR-2 is not held by the gateway, as in Pomerium: it passes both on, untouched, and the server has the word', async () => {
    const { bed, client, access } = await signedIn();
    const headers = { ...MODERN, 'mcp-method': 'ping', 'mcp-name': 'other' };
    expect((await client.call(access, A, { headers })).status).toBe(200);
    expect(['mcp-method', 'mcp-name'].map((name) => bed.echo.last(name))).toEqual(['ping', 'other']);
  });

  test('TR-3 a tool rule is decided from the body', async () => {
    const { bed, client, access } = await signedIn();
    const denied = await client.call(access, A, { tool: 'secret', headers: { 'mcp-name': 'hello' } });
    expect([denied.status, denied.text]).toEqual([200, expect.stringContaining('access denied')]);
    expect(bed.echo.calls).toEqual([]);
    expect((await client.call(access, A, { tool: 'hello', headers: { 'mcp-name': 'secret' } })).status).toBe(200);
  });

  test.each([
    ['longer than max_request_bytes', SECRET_TOOL.replace('{', `{"x":"${'y'.repeat(4_200)}",`), {}],
    ['a batch', `[${SECRET_TOOL}]`, {}],
    ['without a version', SECRET_TOOL.replace('"jsonrpc":"2.0",', ''), {}],
    ['of another content type', SECRET_TOOL, { 'content-type': 'text/plain' }],
    ['with a name given twice', SECRET_TOOL.replace('"secret"', '"secret","Name":"hello"'), {}],
  ])('TR-3 is not held, as in Pomerium: a call of a denied tool %s goes through', async (_, body, headers) => {
    const { bed, client, access } = await signedIn();
    expect((await client.call(access, A, { body, headers })).status).toBe(200);
    expect(bed.echo.calls.map((call) => call.body)).toEqual([body]);
  });

  test.each(['2025-11-25', '2026-07-28'])('TR-4 no version makes a header decide: %s', async (version) => {
    const { bed, client, access } = await signedIn();
    const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/list', 'mcp-name': 'hello' };
    expect((await client.call(access, A, { tool: 'secret', headers })).text).toContain('access denied');
    expect(bed.echo.calls).toEqual([]);
  });
});

describe('streams', () => {
  test('TR-5 events pass as they are written, and a stream that was silent for ten minutes lives', async () => {
    const { bed, access } = await signedIn();
    const { promise: opened, resolve } = Promise.withResolvers<ServerResponse>();
    bed.echo.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: first\n\n');
      resolve(response);
    };
    const heard = listenTo(bed, access);
    const stream = await opened;
    // The answer has no end yet: what arrives was not held back.
    await heard.until('data: first');
    vi.useFakeTimers();
    await vi.advanceTimersByTimeAsync(600_000);
    vi.useRealTimers();
    stream.write('data: second\n\n');
    await heard.until('data: second');
    stream.end();
  });

  test('TR-6 a client that leaves takes the upstream’s request with it', async () => {
    const { bed, access } = await signedIn();
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    bed.echo.handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
      response.on('close', () => resolve());
    };
    const heard = listenTo(bed, access);
    await heard.until('data: first');
    heard.socket.destroy();
    await gone;
    expect(bed.echo.calls).toHaveLength(1);
  });

  test('TR-11 nothing is shared between users: each one’s list is asked for anew', async () => {
    const { bed, client, access } = await signedIn();
    const other = bed.client(bed.browserOf(BOB));
    const { access: his } = await other.tokens();
    let count = 0;
    bed.echo.handler = (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=300' })
        .end(`{"jsonrpc":"2.0","id":1,"result":{"count":${++count},"cacheScope":"private"}}`);
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const answers = [
      await client.call(access, A, { body }),
      await other.call(his, A, { body }),
      await client.call(access, A, { body }),
    ];
    expect(answers.map(({ text }) => /"count":(\d)/.exec(text)?.[1])).toEqual(['1', '2', '3']);
  });
});

describe('framing', () => {
  const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a.localhost:8443\r\n\r\n';
  const CASES: [string, (auth: string) => string][] = [
    [
      'Content-Length and Transfer-Encoding',
      (auth) => post1(auth, 'Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
    ],
    [
      'Transfer-Encoding and Content-Length',
      (auth) => post1(auth, 'Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${SMUGGLED}`),
    ],
    ['two lengths', (auth) => post1(auth, `Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}`, SMUGGLED)],
    ['a list of lengths', (auth) => post1(auth, `Content-Length: 0, ${SMUGGLED.length}`, SMUGGLED)],
    ['a signed length', (auth) => post1(auth, `Content-Length: +${SMUGGLED.length}`, SMUGGLED)],
    ['a hexadecimal length', (auth) => post1(auth, 'Content-Length: 0x10', SMUGGLED)],
    [
      'a coding in another place',
      (auth) => post1(auth, 'Transfer-Encoding: chunked, identity', `0\r\n\r\n${SMUGGLED}`),
    ],
    ['a coding with a tab', (auth) => post1(auth, 'Transfer-Encoding: \x0bchunked', `0\r\n\r\n${SMUGGLED}`)],
    ['a space before the colon', (auth) => post1(auth, 'Transfer-Encoding : chunked', `0\r\n\r\n${SMUGGLED}`)],
    ['a folded line', (auth) => post1(auth, 'X: a\r\n Transfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`)],
    ['a bare line feed', (auth) => post1(auth, 'X: a\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`)],
    ['a chunk whose size is no number', (auth) => post1(auth, 'Transfer-Encoding: chunked', `zz\r\n${SMUGGLED}`)],
    [
      'a chunk extension without end',
      (auth) => post1(auth, 'Transfer-Encoding: chunked', `5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`),
    ],
    [
      'a chunk longer than it says',
      (auth) => post1(auth, 'Transfer-Encoding: chunked', `1\r\nabc\r\n0\r\n\r\n${SMUGGLED}`),
    ],
    [
      'two hosts',
      (auth) =>
        `GET / HTTP/1.1\r\nHost: a.localhost:8443\r\nHost: b.localhost:8443\r\n${auth}Connection: close\r\n\r\n`,
    ],
    [
      'a NUL in a header',
      (auth) => `GET / HTTP/1.1\r\nHost: a.localhost:8443\r\n${auth}X: a\0b\r\nConnection: close\r\n\r\n`,
    ],
  ];

  test.each(CASES)('TR-8 %s: refused, and no second request comes out of it', async (_, bytes) => {
    const { bed, access } = await signedIn();
    const answer = await bed.raw(bytes(`Authorization: Bearer ${access}\r\n`));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(bed.echo.calls.filter(({ url }) => url === '/smuggled')).toEqual([]);
  });

  test('TR-8 a chunk’s extension and trailers stay with the gateway', async () => {
    const { bed, access } = await signedIn();
    const body = '5;a=b\r\nhello\r\n0\r\nX-Pomerium-Jwt-Assertion: forged\r\n\r\n';
    const answer = await bed.raw(post1(`Authorization: Bearer ${access}\r\n`, 'Transfer-Encoding: chunked', body));
    expect(answer.status).toBe(200);
    expect(bed.echo.calls.map((call) => call.body)).toEqual(['hello']);
    expect(JSON.stringify(bed.echo.received)).not.toMatch(/forged|a=b/);
  });

  test('TR-8 headers that Connection names go no further, and framing and identity cannot be named away', async () => {
    const { bed, access } = await signedIn();
    const head =
      `POST / HTTP/1.1\r\nHost: b.localhost:8443\r\nAuthorization: Bearer ${access}\r\nX-Hop: 1\r\nContent-Length: 5\r\n` +
      'Connection: close, X-Hop, Content-Length, Host, X-Pomerium-Jwt-Assertion, X-Forwarded-For\r\n\r\nhello';
    expect((await bed.raw(head)).status).toBe(200);
    expect(bed.echo.last('x-hop')).toBeUndefined();
    expect(bed.echo.calls.at(-1)?.body).toBe('hello');
    expect(bed.echo.lastValues('x-pomerium-jwt-assertion')).toHaveLength(1);
    expect(bed.echo.last('x-forwarded-for')).toBe('127.0.0.1');
  });

  test('TR-8 Expect: 100-continue is answered by the gateway, and another expectation does no harm', async () => {
    const { bed, access } = await signedIn();
    const expecting = (what: string): string =>
      `POST / HTTP/1.1\r\nHost: a.localhost:8443\r\nAuthorization: Bearer ${access}\r\nContent-Length: 5\r\nExpect: ${what}\r\nConnection: close\r\n\r\nhello`;
    expect((await bed.raw(expecting('100-continue'))).statusLine).toMatch(/ (100|200) /);
    const other = await bed.raw(expecting('200-maybe'));
    expect([200, 417]).toContain(other.status);
    expect(new Set(bed.echo.calls.map(({ url }) => url))).toEqual(new Set(['/']));
  });

  test('TR-8 a head of more than 60 KB, of more than 100 lines, and a URL of 100 KB are refused', async () => {
    const { bed, access } = await signedIn();
    const head = (extra: string, path = '/'): string =>
      `GET ${path} HTTP/1.1\r\nHost: a.localhost:8443\r\nAuthorization: Bearer ${access}\r\n${extra}Connection: close\r\n\r\n`;
    for (const bytes of [
      head(`X: ${'x'.repeat(70_000)}\r\n`),
      head('X: x\r\n'.repeat(120)),
      head('', `/${'x'.repeat(100_000)}`),
    ]) {
      // A client that is still sending may lose the answer with its connection.
      expect(await statusOrEnd(bed, bytes)).toMatch(/^HTTP\/1\.1 431 |^$/);
    }
    expect((await bed.raw(head(`X: ${'x'.repeat(10_000)}\r\n`))).status).toBe(200);
    expect(bed.echo.calls).toHaveLength(1);
  });
});

describe('schemas and sessions', () => {
  test('TR-9 a reference server fetches nothing that arguments refer to, and bounds their depth and size', async () => {
    const { bed } = await signedIn();
    const { url } = await startTestServers({ whoami: { issuers: ['gw.test'], fetch } });
    const reference = `https://client.localhost:9443/schema.json`;
    await post(`${url}/whoami`, {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'whoami', arguments: { $ref: reference, $schema: reference } },
    });
    expect(bed.documents.asked).toEqual([]);
    const listed = await post(`${url}/whoami`, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(await listed.text()).not.toContain('$ref');
    const deep = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`;
    expect((await post(`${url}/whoami`, deep)).status).toBe(400);
    const large = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { x: 'a'.repeat(5_000_000) } });
    expect((await post(`${url}/whoami`, large).catch(() => ({ status: 413 }))).status).toBe(413);
  });

  test('TR-10 a session id opens nothing at the gateway, and reaches the upstream as it is', async () => {
    const { bed, client, access } = await signedIn();
    const headers = { 'mcp-session-id': 'somebody-elses' };
    expect((await client.call(undefined, A, { headers })).status).toBe(401);
    expect(bed.echo.calls).toEqual([]);
    await client.call(access, A, { headers });
    expect(bed.echo.last('mcp-session-id')).toBe('somebody-elses');
  });

  test('TR-10 is not held for the user, as in Pomerium: another user’s session id is passed on', async () => {
    const { bed, client, access } = await signedIn();
    bed.echo.handler = (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'of-alice' })
        .end('{"jsonrpc":"2.0","id":1,"result":{}}');
    await client.call(access);
    const other = bed.client(bed.browserOf(BOB));
    const { access: his } = await other.tokens();
    expect((await other.call(his, A, { headers: { 'mcp-session-id': 'of-alice' } })).status).toBe(200);
  });

  test('TR-10 the reference servers have no sessions: none is given out, none is asked for, and an id makes nobody known', async () => {
    const { url } = await startTestServers({ whoami: { issuers: ['gw.test'], fetch } });
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const initialized = await post(`${url}/whoami`, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect([initialized.status, initialized.headers.get('mcp-session-id')]).toEqual([200, null]);
    const headers = { 'mcp-session-id': 'somebody-elses' };
    expect((await callTool(`${url}/whoami`, 'whoami', {}, { headers })).isError).toBe(true);
    const resumed = await fetch(`${url}/whoami`, { headers: { ...headers, accept: 'text/event-stream' } });
    expect(resumed.status).toBe(405);
  });
});

function asked(headers: string): Record<string, string> {
  return {
    origin: 'http://localhost:6274',
    'access-control-request-method': 'POST',
    'access-control-request-headers': headers,
  };
}

function modernCall(name: string) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {}, _meta: meta } };
}

/** A header value that cannot be plain text: MCP 2026-07-28, Streamable HTTP, header encoding. */
function sentinel(text: string): string {
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

function post1(auth: string, framing: string, body: string): string {
  return `POST / HTTP/1.1\r\nHost: a.localhost:8443\r\n${auth}${framing}\r\nConnection: close\r\n\r\n${body}`;
}

/** The first line of the answer; empty: the connection ended without one. */
async function statusOrEnd(bed: Bed, bytes: string): Promise<string> {
  return (await sendRaw(bed.target, bytes)).toString('latin1').split('\r\n', 1)[0] ?? '';
}

/** Opens an event stream; what it says. */
function listenTo(bed: Bed, access: string) {
  const socket = openSocket(bed.target);
  const heard = new Heard(socket);
  socket.write(
    `GET / HTTP/1.1\r\nHost: a.localhost:8443\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${access}\r\n\r\n`,
  );
  return Object.assign(heard, { socket });
}

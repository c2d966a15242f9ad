import { describe, expect, test } from 'vitest';
import { findAddress } from '../../../src/gateway/identity/public-address.ts';
import { A, Bed, BOB } from './support/bed.ts';
import { challengedWithRedirect } from './support/discovering.ts';

const SECRET_TOOL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret"}}';
const HELLO = SECRET_TOOL.replace('secret', 'hello');

async function signedIn() {
  const bed = await Bed.open({ strict: true });
  const client = bed.client();
  const { access } = await client.tokens();
  return { bed, client, access };
}

describe('transport of gateway --strict', () => {
  test.each([
    'https://evil.example',
    'null',
    'https://a.localhost.evil.example',
    'https://a.localhost:8443.evil.example',
  ])('TR-1 strict: a page of %s is refused, also by the endpoints of OAuth', async (origin) => {
    const { bed, client, access } = await signedIn();
    expect((await client.call(access, A, { headers: { origin } })).status).toBe(403);
    for (const path of ['/.pomerium/mcp/register', '/.pomerium/mcp/token']) {
      expect((await client.call(undefined, A, { path, headers: { origin } })).status).toBe(403);
    }
    expect(bed.echo.calls).toEqual([]);
  });

  test.each(['http://localhost:6274', 'https://a.localhost:8443', 'https://app.localhost:8443', 'http://127.0.0.1'])(
    'TR-1 strict: a page of %s may call',
    async (origin) => {
      const { client, access } = await signedIn();
      expect((await client.call(access, A, { headers: { origin } })).status).toBe(200);
    },
  );

  test('TR-1 strict: a Host that is none of the gateway’s is 403, and a probe by address is answered', async () => {
    const { bed } = await signedIn();
    const status = async (host: string, path: string): Promise<number> =>
      (await bed.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status;
    expect(await status('evil.example:8443', '/')).toBe(403);
    expect(await status('evil.example:8443', '/.pomerium/mcp/authorize')).toBe(403);
    expect(await status('evil.example', '/.well-known/pomerium')).toBe(403);
    expect(await status('127.0.0.1:8443', '/healthz')).toBe(200);
    expect(await status('auth.localhost:8443', '/.pomerium/')).toBe(302);
  });

  test.each([
    ['Mcp-Method', { 'mcp-method': 'ping' }],
    ['Mcp-Name', { 'mcp-name': 'secret' }],
    ['Mcp-Name in base64', { 'mcp-name': `=?base64?${Buffer.from('secret').toString('base64')}?=` }],
  ])('TR-2 strict: where tools have rules, %s has to be what the body says', async (_, headers) => {
    const { bed, client, access } = await signedIn();
    const { status, text } = await client.call(access, A, { headers });
    expect([status, JSON.parse(text)]).toMatchObject([400, { error: { code: -32_020 } }]);
    expect(bed.echo.calls).toEqual([]);
  });

  test('TR-2 strict: a name told twice is refused, and one that fits goes through', async () => {
    const { bed, client, access } = await signedIn();
    const head = `POST / HTTP/1.1\r\nHost: a.localhost:8443\r\nAuthorization: Bearer ${access}\r\nContent-Type: application/json\r\nContent-Length: ${HELLO.length}\r\n`;
    const twice = await bed.raw(`${head}Mcp-Name: hello\r\nMcp-Name: hello\r\nConnection: close\r\n\r\n${HELLO}`);
    expect(twice.status).toBe(400);
    const headers = { 'mcp-method': 'tools/call', 'mcp-name': `=?base64?${Buffer.from('hello').toString('base64')}?=` };
    expect((await client.call(access, A, { headers })).status).toBe(200);
  });

  test.each([
    ['longer than max_request_bytes', SECRET_TOOL.replace('{', `{"x":"${'y'.repeat(4_200)}",`), {}, 413],
    ['a batch', `[${SECRET_TOOL}]`, {}, 400],
    ['without a version', SECRET_TOOL.replace('"jsonrpc":"2.0",', ''), {}, 400],
    ['of another content type', SECRET_TOOL, { 'content-type': 'text/plain' }, 415],
    ['with a name given twice', SECRET_TOOL.replace('"secret"', '"secret","Name":"hello"'), {}, 400],
    ['with equal names', SECRET_TOOL.replace('"secret"', '"secret","name":"hello"'), {}, 400],
    ['with a method given twice', HELLO.replace('}}', '},"method":"ping"}'), {}, 400],
    ['with an escaped twin', HELLO.replace('}}', '},"\\u006dethod":"ping"}'), {}, 400],
    ['with Params', HELLO.replace('"params"', '"Params"'), {}, 400],
    ['of two values', `${HELLO} ${SECRET_TOOL}`, {}, 400],
    ['cut off', SECRET_TOOL.slice(0, -1), {}, 400],
    ['with a byte order mark', `\ufeff${SECRET_TOOL}`, {}, 400],
    ['without a name', SECRET_TOOL.replace('"name":"secret"', ''), {}, 400],
  ])('TR-3 strict: where tools have rules, a message %s is refused', async (_, body, headers, status) => {
    const { bed, client, access } = await signedIn();
    expect((await client.call(access, A, { body, headers })).status).toBe(status);
    expect(bed.echo.calls).toEqual([]);
  });

  test('TR-3 strict: what clients send goes on, and nobody learns more than that they are nobody', async () => {
    const { bed, client, access } = await signedIn();
    for (const body of [
      HELLO,
      '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":7,"result":{}}',
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"hello","arguments":{"a":{"name":1,"Name":2}}}}`,
    ]) {
      expect((await client.call(access, A, { body })).status).toBe(200);
    }
    expect((await client.call(access, A, { method: 'GET' })).status).toBe(200);
    expect(bed.echo.calls).toHaveLength(6);
    expect((await client.call(undefined, A, { body: `[${HELLO}]` })).status).toBe(401);
    expect((await client.call(access, A, { tool: 'secret' })).text).toContain('access denied');
  });

  test('TR-4 strict: headers still decide nothing, whatever the version', async () => {
    const { client, access } = await signedIn();
    for (const version of ['2025-11-25', '2026-07-28']) {
      const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/call', 'mcp-name': 'secret' };
      expect((await client.call(access, A, { tool: 'secret', headers })).text).toContain('access denied');
      expect((await client.call(access, A, { tool: 'hello', headers })).status).toBe(400);
    }
  });

  test('TR-7 strict: a preflight allows the headers of MCP 2026-07-28 and shows the challenge', async () => {
    const { client } = await signedIn();
    const headers = {
      origin: 'http://localhost:6274',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,mcp-method,mcp-name,mcp-param-x,x-evil',
    };
    const { status, headers: got } = await client.call(undefined, A, { method: 'OPTIONS', headers });
    const allowed = got.get('access-control-allow-headers')?.toLowerCase().split(', ');
    expect(status).toBe(204);
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'mcp-method', 'mcp-name', 'mcp-param-x']));
    expect(allowed).not.toContain('x-evil');
    expect(got.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  test('TR-10 strict: a session of an MCP server is its first user’s, and 404 for another', async () => {
    const { bed, client, access } = await signedIn();
    const headers = { 'mcp-session-id': 'of-alice' };
    expect((await client.call(access, A, { headers })).status).toBe(200);
    const bob = bed.client(bed.browserOf(BOB));
    const { access: his } = await bob.tokens();
    expect((await bob.call(his, A, { headers })).status).toBe(404);
    expect((await bob.call(his, A, { headers: { 'mcp-session-id': 'of-bob' } })).status).toBe(200);
    expect((await client.call(access, A, { headers })).status).toBe(200);
  });
});

describe('fetches of gateway --strict', () => {
  test.each(['100.64.0.1', '198.18.0.1', '192.0.2.1', '240.0.0.1', '2001:db8::1'])(
    'SS-2 strict: %s is no address of a server on the internet',
    async (address) => {
      await expect(findAddress(address, false, true)).rejects.toThrow('has no public address');
    },
  );

  test('SS-3 strict: metadata that is redirected to plain http is not fetched', async () => {
    const { bed, status } = await challengedWithRedirect('http://upstream/hop', { strict: true });
    expect(status).toBe(502);
    expect(bed.echo.received.map(({ url }) => url)).not.toContain('/hop');
    expect(bed.logText).toContain('metadata URL must use https');
  });
});

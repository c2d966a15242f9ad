import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bed, HOST } from './support/proxy-bed.ts';

const VERSIONS = [
  ['HTTP/1.1', 'http1'],
  ['HTTP/2', 'http2'],
] as const;

describe('what passes through the proxy', () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await Bed.open();
  });

  afterEach(() => {
    bed.upstream.handler = (_, response) => void response.end('ok');
  });

  afterAll(() => bed.close());

  test.each(VERSIONS)('%s: a body reaches the upstream byte for byte, whatever its size', async (_, version) => {
    const send = bed[version];
    bed.upstream.handler = (request, response) => void request.pipe(response);
    for (const size of [0, 1, 4_096, 65_536, 65_537, 1_500_000]) {
      const body = Buffer.alloc(size, 'abcdefghij');
      const got = await send('POST', body, { 'content-type': 'application/octet-stream' });
      expect(got.status).toBe(200);
      expect(got.body === body.toString(), `${size} bytes`).toBe(true);
    }
  });

  test.each(VERSIONS)('%s: statuses, bodies and headers of the upstream pass untouched', async (_, version) => {
    const send = bed[version];
    bed.upstream.handler = (request, response) => {
      request.resume();
      response.writeHead(400, {
        'content-type': 'application/json',
        'mcp-session-id': 's-1',
        'set-cookie': ['a=1', 'b=2'],
        'www-authenticate': 'Basic realm="up"',
        'x-accel-buffering': 'no',
        server: 'secret-server/1.0',
        connection: 'keep-alive, x-hop',
        'x-hop': 'must not pass',
      });
      response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}');
    };
    const got = await send('POST', Buffer.from('{}'), { 'content-type': 'application/json' });
    expect(got.status).toBe(400);
    expect(got.headers).toMatchObject({
      'mcp-session-id': 's-1',
      'set-cookie': ['a=1', 'b=2'],
      'www-authenticate': 'Basic realm="up"',
      'x-accel-buffering': 'no',
      server: 'envoy',
    });
    expect(got.headers['x-hop']).toBeUndefined();
    expect(got.body).toBe('{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"no"}}');
  });

  test.each(VERSIONS)(
    '%s: what a client sends of its era arrives, what belongs to the gateway does not',
    async (_, version) => {
      const send = bed[version];
      let seen: IncomingMessage['headers'] = {};
      bed.upstream.handler = (request, response) => {
        seen = request.headers;
        response.end('ok');
      };
      await send('GET', undefined, {
        accept: 'text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'echo',
        'mcp-param-q': '=?base64?w6Q=?=',
        'last-event-id': '7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        cookie: 'a=1; _pomerium=alice; b=2',
        'x-pomerium-authorization': 'x',
        te: 'trailers',
      });
      expect(seen).toMatchObject({
        host: 'upstream',
        accept: 'text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'echo',
        'mcp-param-q': '=?base64?w6Q=?=',
        'last-event-id': '7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        cookie: 'a=1; b=2',
        'x-forwarded-host': HOST,
        'x-forwarded-proto': 'https',
      });
      expect(seen.authorization).toBeUndefined();
      expect(seen['x-pomerium-authorization']).toBeUndefined();
    },
  );

  test.each(VERSIONS)('%s: HEAD, 204 and 304 have no body', async (_, version) => {
    const send = bed[version];
    bed.upstream.handler = (request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'content-length': '42' }).end();
      else response.writeHead(request.headers['if-none-match'] ? 304 : 204).end();
    };
    expect(await send('HEAD')).toMatchObject({ status: 200, body: '', headers: { 'content-length': '42' } });
    expect(await send('DELETE')).toMatchObject({ status: 204, body: '' });
    expect(await send('GET', undefined, { 'if-none-match': '"1"' })).toMatchObject({ status: 304, body: '' });
  });

  test.each(VERSIONS)('%s: policy refuses the tool and lets the others through', async (_, version) => {
    const send = bed[version];
    const call = (name: string) =>
      send('POST', Buffer.from(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}"}}`), {
        'content-type': 'application/json',
      });
    const refused = JSON.parse((await call('secret')).body) as { id: number; error: { code: number } };
    expect(refused).toMatchObject({ id: 7, error: { code: -32602 } });
    expect((await call('echo')).body).toBe('ok');
  });
});

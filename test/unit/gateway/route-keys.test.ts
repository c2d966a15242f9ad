import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { BASE, listening } from './support/main-route.ts';
import { startTestGateway, type TestGateway } from './support/start.ts';
import { exchange, type WireResponse } from './support/wire.ts';

/** What the upstream saw. */
interface Seen {
  url: string;
  headers: Record<string, string>;
}

const preflight = (headers: string) =>
  `OPTIONS / HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: application/json\r\n${headers}Connection: close\r\n\r\n`;

describe('the keys of a route', () => {
  let certificate: TestCertificate;
  let upstream: Server;
  let port: number;

  beforeAll(async () => {
    certificate = await issueTestCertificate('localhost', ['mcp.localhost']);
    upstream = createServer((request, response) => {
      const path = (request.url ?? '').split('?')[0];
      if (path === '/silent') return;
      if (path === '/moved') {
        response.writeHead(302, { location: 'http://upstream/one/two', link: '<http://upstream/a>' });
      }
      if (path === '/drip') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: one\n\n');
        return;
      }
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    });
    port = await listening(upstream);
  });

  afterAll(() => {
    upstream.close();
    upstream.closeAllConnections();
  });

  /** One public route with these keys. */
  const start = (keys: string, global = '', to = 'to: http://upstream:80'): Promise<TestGateway> =>
    startTestGateway({
      yaml: `${BASE}${global}routes:\n  - from: https://mcp.localhost:8443\n    ${to}\n    allow_public_unauthenticated_access: true\n${keys}`,
      certificate,
      upstreams: { 'upstream:80': port },
    });

  const ask = async (keys: string, path = '/', headers = '', global = '', to?: string): Promise<WireResponse> => {
    const gateway = await start(keys, global, to);
    const request = `GET ${path} HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: application/json\r\n${headers}Connection: close\r\n\r\n`;
    const answer = await exchange({ port: gateway.port, ca: gateway.ca }, request);
    await gateway.close();
    return answer;
  };

  const seen = async (...[keys, path, headers, global]: Parameters<typeof ask>): Promise<Seen> =>
    JSON.parse((await ask(keys, path, headers, global)).body.toString()) as Seen;

  describe('Host for the upstream', () => {
    const AS_SENT = { host: 'mcp.localhost:8443' };

    test('is the upstream’s own, and the client’s is told beside it', async () => {
      expect((await seen('')).headers).toMatchObject({
        host: 'upstream',
        'x-forwarded-host': 'mcp.localhost:8443',
        'x-envoy-original-host': 'mcp.localhost:8443',
      });
    });

    test('is the client’s with preserve_host_header', async () => {
      const { headers } = await seen('    preserve_host_header: true\n');
      expect(headers).toMatchObject(AS_SENT);
      expect(headers['x-forwarded-host']).toBeUndefined();
    });

    test('is what host_rewrite says, before every other key', async () => {
      const keys = '    host_rewrite: other.test\n    host_rewrite_header: X-Wanted\n    preserve_host_header: true\n';
      expect((await seen(keys, '/', 'X-Wanted: wrong.test\r\n')).headers['host']).toBe('other.test');
    });

    test('is the value of the header that host_rewrite_header names, if there is one', async () => {
      const keys = '    host_rewrite_header: X-Wanted\n';
      expect((await seen(keys, '/', 'X-Wanted: tenant.test\r\n')).headers).toMatchObject({
        host: 'tenant.test',
        'x-forwarded-host': 'mcp.localhost:8443',
      });
      expect((await seen(keys)).headers).toMatchObject(AS_SENT);
    });

    test('is what host_path_regex_rewrite makes of the path without its query', async () => {
      const keys = `    host_path_regex_rewrite_pattern: '^/([a-z]+)/.*$'\n    host_path_regex_rewrite_substitution: '\\1.test'\n`;
      expect((await seen(keys, '/tenant/x?a=/b/')).headers['host']).toBe('tenant.test');
    });

    test('remove_request_headers keeps the client’s from being told', async () => {
      const { headers } = await seen('    remove_request_headers: [X-Forwarded-Host]\n');
      expect(headers['x-forwarded-host']).toBeUndefined();
      expect(headers['x-envoy-original-host']).toBe('mcp.localhost:8443');
    });
  });

  describe('path', () => {
    test.each([
      [
        'prefix_rewrite replaces the prefix',
        '    prefix: /api/\n    prefix_rewrite: /v1/\n',
        '/api/x?q=1',
        '/v1/x?q=1',
      ],
      ['prefix_rewrite replaces an exact path', '    path: /api\n    prefix_rewrite: /v1\n', '/api', '/v1'],
      [
        'regex_rewrite_pattern takes groups along',
        `    regex: '/u/.*'\n    regex_rewrite_pattern: '^/u/(\\d+)$'\n    regex_rewrite_substitution: '/users/\\1'\n`,
        '/u/12',
        '/users/12',
      ],
    ])('%s', async (_, keys, path, expected) => {
      expect((await seen(keys, path)).url).toBe(expected);
    });

    test.each([
      ['    prefix: /api\n', '/apix', 200],
      ['    prefix: /api\n', '/', 404],
      ['    path: /api\n', '/api/', 404],
      [`    regex: '/a[0-9]+'\n`, '/a1', 200],
      [`    regex: '/a[0-9]+'\n`, '/a1/b', 404],
    ])('%j takes %s: %i', async (keys, path, status) => {
      expect((await ask(keys, path)).status).toBe(status);
    });
  });

  describe('headers of the request', () => {
    test('set_request_headers beats the client and remove_request_headers; removed ones do not arrive', async () => {
      const keys = `    set_request_headers: {X-Set: 'a $$ b', X-Copy: '\${pomerium.request.headers["X-In"]}', X-Short: '$pomerium.request.headers'}\n    remove_request_headers: [X-Gone, X-Set]\n`;
      const { headers } = await seen(keys, '/', 'X-Set: mine\r\nX-Gone: 1\r\nX-In: 7\r\n');
      expect(headers).toMatchObject({ 'x-set': 'a $ b', 'x-copy': '7', 'x-short': '' });
      expect(headers['x-gone']).toBeUndefined();
    });

    test('a reference that this gateway has no value for, and a header that is its own, are told at start', async () => {
      const gateway = await start(
        `    set_request_headers: {X-Id: '\${ pomerium.id_token }', X-At: 'Bearer $pomerium.access_token', Host: other.test}\n`,
      );
      const told = gateway.log.filter(({ key }) => typeof key === 'string').map(({ key, message }) => [key, message]);
      expect(told).toEqual([
        ['routes[0].set_request_headers.x-id', expect.stringContaining('${pomerium.id_token}')],
        ['routes[0].set_request_headers.x-at', expect.stringContaining('${pomerium.access_token}')],
        ['routes[0].set_request_headers.host', expect.stringContaining('writes `host` itself')],
      ]);
      await gateway.close();
    });
  });

  describe('headers of the answer', () => {
    test('rewrite_response_headers changes the beginning of a value, and only that', async () => {
      const keys = `    rewrite_response_headers:\n      - {header: Location, prefix: 'http://upstream/one', value: 'https://mcp.localhost:8443'}\n      - {header: Link, prefix: nothing, value: else}\n`;
      const { headers } = await ask(keys, '/moved');
      expect(headers.get('location')).toBe('https://mcp.localhost:8443/two');
      expect(headers.get('link')).toBe('<http://upstream/a>');
    });

    test('set_response_headers of the route goes over the global ones and over the upstream’s', async () => {
      const keys = `    set_response_headers: {Link: mine, X-Frame-Options: DENY}\n`;
      const { headers } = await ask(keys, '/moved');
      expect(headers.get('link')).toBe('mine');
      expect(headers.get('x-frame-options')).toBe('DENY');
    });
  });

  describe('redirect', () => {
    const FROM = 'https://mcp.localhost:8443';
    test.each([
      ['https_redirect keeps the rest', '{https_redirect: true}', '/a?b=c', 301, `${FROM}/a?b=c`],
      ['host_redirect drops the port', '{host_redirect: other.test}', '/a', 301, 'https://other.test/a'],
      ['port_redirect', '{port_redirect: 9443}', '/a', 301, 'https://mcp.localhost:9443/a'],
      ['scheme_redirect', '{scheme_redirect: http, host_redirect: o.test}', '/', 301, 'http://o.test/'],
      ['path_redirect takes the query along', '{path_redirect: /new}', '/a?b=c', 301, `${FROM}/new?b=c`],
      ['path_redirect with a query of its own', '{path_redirect: "/new?x=1"}', '/a?b=c', 301, `${FROM}/new?x=1`],
      ['prefix_rewrite replaces what matched', '{prefix_rewrite: /new/}', '/old/a?b=c', 301, `${FROM}/new/a?b=c`],
      ['strip_query', '{strip_query: true}', '/a?b=c', 301, `${FROM}/a`],
      ['response_code', '{response_code: 308}', '/a', 308, `${FROM}/a`],
    ])('%s', async (name, redirect, path, status, location) => {
      const prefix = name.startsWith('prefix_rewrite') ? '    prefix: /old/\n' : '';
      const answer = await ask(prefix, path, '', '', `redirect: ${redirect}`);
      expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
      expect(answer.body.length).toBe(0);
    });
  });

  test('response answers by itself, with a type only when there is a body', async () => {
    const answer = await ask('', '/', '', '', 'response: {status: 418, body: "no tea"}');
    expect([answer.status, answer.headers.get('content-type'), answer.body.toString()]).toEqual([
      418,
      'text/plain',
      'no tea',
    ]);
    expect((await ask('', '/', '', '', 'response: {status: 204}')).headers.has('content-type')).toBe(false);
  });

  const told = async (keys: string): Promise<string | undefined> =>
    (await seen(keys)).headers['x-envoy-expected-rq-timeout-ms'];

  describe('times', () => {
    test('timeout ends a request whose answer does not come', async () => {
      const answer = await ask('    timeout: 50ms\n', '/silent');
      expect(answer.status).toBe(504);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ statusText: 'response_timeout' });
    });

    test('default_upstream_timeout holds for routes that say nothing', async () => {
      expect((await ask('', '/silent', '', 'default_upstream_timeout: 50ms\n')).status).toBe(504);
    });

    test('idle_timeout ends a stream in which nothing moves', async () => {
      const gateway = await start('    timeout: 0\n    idle_timeout: 50ms\n');
      const request = 'GET /drip HTTP/1.1\r\nHost: mcp.localhost:8443\r\nAccept: application/json\r\n\r\n';
      const answer = await exchange({ port: gateway.port, ca: gateway.ca }, request);
      expect(answer.body.toString()).toBe('data: one\n\n');
      await expect
        .poll(() => gateway.log.map((entry) => entry['response-code-details']))
        .toContain('stream_idle_timeout');
      await gateway.close();
    });

    test('a route with WebSockets has no limits, unless it names some', async () => {
      expect(await told('')).toBe('30000');
      expect(await told('    allow_websockets: true\n')).toBeUndefined();
      expect(await told('    allow_websockets: true\n    timeout: 5s\n')).toBe('5000');
    });
  });

  const answered = async (to: string, keys = '', cookie = ''): Promise<string> => {
    const servers = ['a', 'b'].map((name) => createServer((_, response) => void response.end(name)));
    const [a = 0, b = 0] = await Promise.all(servers.map(listening));
    const gateway = await startTestGateway({
      yaml: `${BASE}routes:\n  - from: https://mcp.localhost:8443\n    to: ${to}\n    allow_public_unauthenticated_access: true\n${keys}`,
      certificate,
      upstreams: { 'a:80': a, 'b:80': b },
    });
    const request = `GET / HTTP/1.1\r\nHost: mcp.localhost:8443\r\n${cookie}Connection: close\r\n\r\n`;
    let names = '';
    for (let i = 0; i < 8; i++) {
      names += (await exchange({ port: gateway.port, ca: gateway.ca }, request)).body.toString();
    }
    await gateway.close();
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    return names;
  };

  describe('several upstreams', () => {
    test('take turns, as often as their weights say', async () => {
      expect((await answered('[http://a, http://b]')).split('').toSorted().join('')).toBe('aaaabbbb');
      expect((await answered("['http://a,3', 'http://b,1']")).split('').toSorted().join('')).toBe('aaaaaabb');
    });

    test('load_balancing_policy: ring_hash keeps a user where he is', async () => {
      const keys = '    load_balancing_policy: RING_HASH\n';
      expect(await answered('[http://a, http://b]', keys, 'Cookie: _pomerium=alice\r\n')).toMatch(/^(a{8}|b{8})$/);
    });

    test('load_balancing_policy: what Pomerium does not know is refused with its words', () => {
      const { problems } = parseConfig(
        `${BASE}routes:\n  - from: https://a.test\n    to: http://a\n    load_balancing_policy: best\n`,
        { file: 'c.yaml' },
      );
      expect(problems.map(({ pomerium }) => pomerium)).toContainEqual(
        expect.stringContaining(
          "'routes[0].load_balancing_policy.Value' unsupported enum value best for LoadBalancingPolicy",
        ),
      );
    });
  });

  test('cors_allow_preflight lets a preflight through to the upstream that nobody else would reach', async () => {
    const gateway = await startTestGateway({
      yaml: `${BASE}routes:\n  - from: https://mcp.localhost:8443\n    to: http://upstream:80\n    allow_any_authenticated_user: true\n    cors_allow_preflight: true\n`,
      certificate,
      upstreams: { 'upstream:80': port },
    });
    const target = { port: gateway.port, ca: gateway.ca };
    const asked = 'Origin: https://a.test\r\nAccess-Control-Request-Method: GET\r\n';
    expect((await exchange(target, preflight(asked))).status).toBe(200);
    expect((await exchange(target, preflight(''))).status).toBe(401);
    const signedIn = await exchange(target, preflight('Cookie: _pomerium=alice\r\n').replace('OPTIONS', 'GET'));
    expect(signedIn.status).toBe(200);
    await gateway.close();
  });
});

import { describe, expect, test } from 'vitest';
import { optionsOf, recordedConfig, routeOf, tableOf } from './helpers.ts';
import { compileRoutes, type RouteTable } from '../../../src/pomerium/index.ts';

/** Routes named after their number. */
function table(routes: readonly string[], globals = ''): RouteTable {
  const entries = routes.map((keys, i) => `  - {name: r${i}, to: "http://127.0.0.1:${i + 1}", ${keys}}`);
  return tableOf(`${globals}\nroutes:\n${entries.join('\n')}`);
}

const nameOf = (found: RouteTable, host: string, path = '/'): string | undefined => found.match(host, path)?.route.name;

describe('the host of a request', () => {
  const routes = table([
    'from: "https://a.example.com:8443"',
    'from: "https://b.example.com"',
    'from: "https://c.example.com:443"',
    'from: "https://*.wild.example.com:8443"',
    'from: "https://*.free.example.com"',
    'from: "tcp+https://db.example.com:5432"',
  ]);

  test.each([
    ['a.example.com:8443', 'r0'],
    ['A.Example.Com:8443', 'r0'],
    ['a.example.com', undefined],
    ['a.example.com:9999', undefined],
    ['b.example.com', 'r1'],
    ['b.example.com:443', 'r1'],
    ['b.example.com:9999', 'r1'],
    ['c.example.com', 'r2'],
    ['x.wild.example.com:8443', 'r3'],
    ['x.y.wild.example.com:8443', 'r3'],
    ['x.wild.example.com', undefined],
    ['wild.example.com:8443', undefined],
    ['x.free.example.com', 'r4'],
    ['x.free.example.com:1234', 'r4'],
    ['db.example.com:5432', undefined],
    ['unknown.example.com', undefined],
    ['', undefined],
  ])('%s: %s', (host, name) => {
    expect(nameOf(routes, host)).toBe(name);
    expect(routes.knowsHost(host)).toBe(name !== undefined);
  });

  test('with match_any_incoming_port off, a route without port takes the default port only', () => {
    const strict = table(['from: "https://b.example.com"'], 'runtime_flags: {match_any_incoming_port: false}');
    expect(['b.example.com', 'b.example.com:443', 'b.example.com:9999'].map((host) => nameOf(strict, host))).toEqual([
      'r0',
      'r0',
      undefined,
    ]);
  });

  test('a host of its own is not served by a wildcard', () => {
    const mixed = table(['from: "https://a.example.com", prefix: /api', 'from: "https://*.example.com"']);
    expect([nameOf(mixed, 'a.example.com', '/x'), nameOf(mixed, 'b.example.com', '/x')]).toEqual([undefined, 'r1']);
  });

  test('the authenticate service has a host that no wildcard takes', () => {
    const found = table(
      ['from: "https://*.example.com"'],
      'authenticate_service_url: https://authenticate.example.com',
    );
    expect(found.knowsHost('authenticate.example.com')).toBe(true);
    expect(nameOf(found, 'authenticate.example.com')).toBeUndefined();
  });
});

describe('the path of a request', () => {
  const routes = table([
    'from: "https://a.example.com", path: /exact',
    'from: "https://a.example.com", prefix: /api',
    'from: "https://a.example.com", regex: "/v[0-9]+/.*"',
    'from: "https://a.example.com", regex: "(?i)/image"',
    'from: "https://b.example.com", prefix: /a',
    'from: "https://b.example.com"',
  ]);

  test.each([
    ['a', '/exact', 'r0'],
    ['a', '/exact/', undefined],
    ['a', '/api', 'r1'],
    ['a', '/apix', 'r1'],
    ['a', '/v1/x', 'r2'],
    ['a', '/x/v1/x', undefined],
    ['a', '/IMAGE', 'r3'],
    ['a', '/', undefined],
    ['b', '/a/b', 'r4'],
    ['b', '/c', 'r5'],
  ])('%s.example.com%s: %s', (host, path, name) => {
    expect(nameOf(routes, `${host}.example.com`, path)).toBe(name);
  });

  test('the first route that matches wins, as in the file', () => {
    expect(
      nameOf(
        table(['from: "https://a.example.com"', 'from: "https://a.example.com", prefix: /api']),
        'a.example.com',
        '/api',
      ),
    ).toBe('r0');
  });
});

const upstream = (keys: string, path: string): string => {
  const [route] = tableOf(`routes: [{from: "https://a.example.com", ${keys}}]`).routes;
  return route?.upstreamPath(path, '') ?? '';
};

describe('the path upstream', () => {
  test.each([
    ['to: http://h:1', '/x', '/x'],
    ['to: http://h:1/mcp', '/', '/mcp'],
    ['to: http://h:1/mcp', '/mcp', '/mcpmcp'],
    ['to: http://h:1/mcp', '/x', '/mcpx'],
    ['to: http://h:1/mcp/', '/', '/mcp/'],
    ['to: http://h:1/mcp/', '/foo', '/mcp/foo'],
    ['to: http://h:1/mcp', '/?a=/b', '/mcp?a=/b'],
    ['to: http://h:1, prefix: /api', '/api/x', '/api/x'],
    ['to: http://h:1/v1, prefix: /api', '/api/x', '/v1/x'],
    ['to: http://h:1/v1, path: /api', '/api', '/v1'],
    ['to: http://h:1, prefix: /api, prefix_rewrite: /', '/api/x', '//x'],
    ['to: http://h:1/ignored, prefix: /api/, prefix_rewrite: /', '/api/x', '/x'],
    ['to: http://h:1, regex: /v1/.*, prefix_rewrite: /new', '/v1/x', '/new'],
    [
      'to: http://h:1, regex_rewrite_pattern: "^/v(\\\\d+)/", regex_rewrite_substitution: "/version\\\\1/"'.replaceAll(
        '\\\\',
        '\\\\',
      ),
      '/v2/x',
      '/version2/x',
    ],
    ['to: [http://h:1/first, http://h:2/second]', '/x', '/firstx'],
  ])('%s with %s: %s', (keys, path, expected) => {
    expect(upstream(keys, path)).toBe(expected);
  });
});

describe('the MCP server of a host', () => {
  const full = compileRoutes(optionsOf(recordedConfig('config-full.yaml')));

  test.each([
    ['mcp.corp.test:18443', 'Main'],
    ['both.corp.test:18443', 'Both'],
    ['twice.corp.test:18443', 'Twice A'],
    ['noport.corp.test', 'NoPort'],
    ['noport.corp.test:18443', 'NoPort'],
    ['mcp.corp.test', undefined],
    ['mcp.corp.test:9999', undefined],
    ['app.corp.test:18443', undefined],
    ['plain.corp.test:18443', undefined],
    ['auth.corp.test:18443', undefined],
    ['a.wild.corp.test:18443', undefined],
  ])('%s: %s', (host, name) => {
    expect(full.serverRouteOf(host)?.route.name).toBe(name);
  });

  test('kinds follow `mcp`', () => {
    expect(['mcp: {server: {}}', 'mcp: {client: {}}', 'name: x'].map((keys) => routeOf(keys).kind)).toEqual([
      'server',
      'client',
      'plain',
    ]);
  });
});

const idOf = (keys: string): string => tableOf(`routes: [{${keys}}]`).routes[0]?.id ?? '';

describe('the id of a route', () => {
  test('is the one that Pomerium gives', () => {
    expect(idOf('from: "https://mcp.corp.test:18643", to: "http://127.0.0.1:18081"')).toBe('dba6dbe9f5a00f3f');
    expect(idOf('from: "https://whoami.localhost:8443", to: "http://mcp-servers:8080/whoami"')).toBe(
      '813c66eb8785f809',
    );
  });

  test('changes with what tells routes apart and with nothing else', () => {
    const base = 'from: https://a.example.com, to: http://h:1';
    const different = ['prefix: /x', 'path: /x', 'regex: /x'].map((keys) => idOf(`${base}, ${keys}`));
    const others = [
      idOf('from: https://b.example.com, to: http://h:1'),
      idOf('from: https://a.example.com, to: http://h:2'),
      idOf('from: https://a.example.com, to: "http://h:1,5"'),
    ];
    expect(new Set([idOf(base), ...different, ...others]).size).toBe(7);
    expect(idOf(`${base}, name: x, pass_identity_headers: true`)).toBe(idOf(base));
  });

  test('exists for redirects and responses', () => {
    expect(
      idOf(
        'from: https://a.example.com, redirect: {https_redirect: true, response_code: 301, host_redirect: b.example.com}',
      ),
    ).toMatch(/^[\da-f]{16}$/);
    expect(idOf('from: https://a.example.com, response: {status: 404, body: no}')).toMatch(/^[\da-f]{16}$/);
  });
});

test('the status of a response is the number that was written', () => {
  const statuses = [200, 201, 218, 299, 404, 503];
  const routes = statuses.map(
    (status, i) => `from: "https://r${i}.example.com", response: {status: ${status}, body: x}`,
  );
  const options = optionsOf(`routes:\n${routes.map((keys) => `  - {${keys}}`).join('\n')}`);
  expect(options.routes.map(({ response }) => response?.status)).toEqual(statuses);
});

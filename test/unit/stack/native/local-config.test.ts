import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { firstOf, resolveFromMap, resolveLoopbackNames } from '../../../../src/net/resolve.ts';
import { localConfig } from '../../../../src/stack/native/local-config.ts';

const resolve = firstOf(
  resolveFromMap(
    new Map([
      ['mcp-servers', { host: '127.0.0.1', port: 40_001 }],
      ['mine', { host: '127.0.0.1', port: 40_002 }],
    ]),
  ),
  resolveLoopbackNames,
);

function routesOf(text: string, key = 'routes'): Record<string, unknown>[] {
  return (parse(localConfig(text, resolve).text) as Record<string, Record<string, unknown>[]>)[key] ?? [];
}

describe('what Pomerium reads on this machine', () => {
  test('leads to the place of a service, with the Host header that it has under Docker', () => {
    expect(routesOf('routes:\n  - from: https://a.test\n    to: http://mcp-servers:8080/whoami?x=1\n')).toEqual([
      { from: 'https://a.test', to: 'http://127.0.0.1:40001/whoami?x=1', host_rewrite: 'mcp-servers:8080' },
    ]);
  });

  test('keeps lists, weights and the path’s own form', () => {
    const [route] = routesOf(
      'routes:\n  - to: ["http://mcp-servers:8080,3", "http://mine/,1", "http://10.0.0.1:80"]\n',
    );
    expect(route?.['to']).toEqual(['http://127.0.0.1:40001,3', 'http://127.0.0.1:40002/,1', 'http://10.0.0.1:80']);
  });

  test('checks the name of a TLS server as before', () => {
    expect(routesOf('routes:\n  - to: https://mine:8443\n')[0]).toMatchObject({ tls_upstream_server_name: 'mine' });
    expect(routesOf('routes:\n  - {to: "https://mine:8443", tls_upstream_server_name: other}\n')[0]).toMatchObject({
      tls_upstream_server_name: 'other',
    });
  });

  test.each(['host_rewrite: x', 'preserve_host_header: true', 'host_rewrite_header: X-Host'])(
    'leaves %s in charge',
    (setting) => {
      const [route] = routesOf(`routes:\n  - to: http://mine:1\n    ${setting}\n`);
      expect(route?.['to']).toBe('http://127.0.0.1:40002');
      expect(Object.keys(route ?? {})).toHaveLength(2);
    },
  );

  test.each(['https://example.com', 'http://app.localhost:3000', 'http://127.0.0.1:3000', 'tcp://mine:22'])(
    '%s stays',
    (to) => {
      expect(routesOf(`routes:\n  - to: ${to}\n`)).toEqual([{ to }]);
    },
  );

  test('reads the older name of the list, anchors, and routes without `to`', () => {
    expect(routesOf('policy:\n  - to: http://mine:1\n', 'policy')[0]?.['to']).toBe('http://127.0.0.1:40002');
    const anchored = 'x: &t http://mine:1\nroutes:\n  - to: *t\n  - redirect: {host_redirect: a.test}\n';
    expect(routesOf(anchored)).toEqual([
      { to: 'http://127.0.0.1:40002', host_rewrite: 'mine:1' },
      { redirect: { host_redirect: 'a.test' } },
    ]);
  });

  test('keeps comments, says where it comes from and what was moved', () => {
    const { text, moved } = localConfig('# about\naddress: ":8443" # port\nroutes:\n  - to: http://mine:1\n', resolve);
    expect(text).toMatch(/^# Made by mcpgw[^\n]*\n# about\naddress: ":8443" # port\n/);
    expect(moved).toEqual(['mine:1 -> 127.0.0.1:40002']);
  });
});

import { describe, expect, test } from 'vitest';
import { optionsOf, problemsOf } from './helpers.ts';

const warningsOf = (text: string): string[] => {
  expect(optionsOf(text).routes.length).toBeGreaterThanOrEqual(0);
  return problemsOf(text).map(({ severity, path, code, pomerium }) => {
    expect([severity, pomerium]).toEqual(['warning', undefined]);
    return `${path} ${code}`.trim();
  });
};

const route = (keys: string): string => `routes: [{from: https://a.example.com, to: http://h:1, ${keys}}]`;
const OPEN = 'allow_any_authenticated_user: true';

describe('what Pomerium takes and what then does not work', () => {
  test.each([
    ['name: x', 'routes[0] NO_POLICY'],
    ['policy: {}', 'routes[0] NO_POLICY'],
    ['policy: [{deny: {or: [{domain: x}]}}]', 'routes[0] NO_POLICY'],
    ['policy: [{allow: {or: [{groups: x}]}}]', 'routes[0].policy GROUPS_NEVER_MATCH'],
    ['policy: [{allow: {or: [{claim/userType: x}]}}]', 'routes CLAIM_CASE'],
    ['policy: [{allow: {and: [{domain: x}, {mcp_tool: y}]}}]', 'routes[0].policy MCP_TOOL_ALLOW'],
    [`${OPEN}, mcp: {server: {}, client: {}}`, 'routes[0].mcp MCP_BOTH'],
    [
      `${OPEN}, mcp: {server: {max_request_bytes: 40000}}`,
      'routes[0].mcp.server.max_request_bytes INSPECTION_TOO_LARGE',
    ],
    [`${OPEN}, mcp: {server: {max_request_bytes: -1}}`, 'routes[0].mcp.server.max_request_bytes INSPECTION_TOO_LARGE'],
    [
      `${OPEN}, mcp: {server: {}}, policy: [{deny: {or: [{mcp_tool: x}]}}]`,
      'routes[0].mcp.server.max_request_bytes INSPECTION_TOO_SMALL',
    ],
    [
      `${OPEN}, mcp: {server: {upstream_oauth2: {endpoint: {auth_url: 'https://x'}}}}`,
      'routes[0].mcp.server.upstream_oauth2.endpoint HALF_ENDPOINT',
    ],
    [
      `${OPEN}, mcp: {server: {upstream_oauth2: {endpoint: {auth_style: params}}}}`,
      'routes[0].mcp.server.upstream_oauth2.endpoint.auth_style NO_EFFECT',
    ],
  ])('%s', (keys, warning) => {
    expect(warningsOf(route(keys))).toEqual([warning]);
  });

  test.each([
    [
      `routes: [{from: 'https://*.example.com', to: http://h:1, ${OPEN}, mcp: {server: {}}}]`,
      'routes[0].from MCP_WILDCARD',
    ],
    [
      `routes: [{from: https://a.example.com, to: http://h:1/mcp, ${OPEN}, mcp: {server: {path: /mcp}}}]`,
      'routes[0].mcp.server.path PATH_TWICE',
    ],
    [
      `routes: [{from: https://a.example.com, prefix: /a, to: http://h:1, ${OPEN}, mcp: {server: {}}}, {from: https://a.example.com, prefix: /b, to: http://h:1, ${OPEN}, mcp: {server: {}}}]`,
      'routes[1].from MCP_HOST_TAKEN',
    ],
    ['authenticate_service_url: https://x.example.com', 'authenticate_service_url NO_SIGN_IN'],
    [
      'authenticate_service_url: https://x.example.com\nidp_provider: keycloak\nidp_client_id: x',
      'idp_provider NO_SIGN_IN',
    ],
    [
      'authenticate_service_url: https://x.example.com\nidp_provider: oidc\nidp_client_id: x',
      'idp_provider NO_SIGN_IN',
    ],
    ['authenticate_service_url: https://x.example.com\nidp_provider: google', 'idp_provider NO_SIGN_IN'],
  ])('%s', (text, warning) => {
    expect(warningsOf(text)).toEqual([warning]);
  });

  test.each([
    'policy: [{allow: {or: [{domain: x}, {mcp_tool: y}]}}]',
    'policy: [{allow: {and: [{domain: x}]}, deny: {or: [{mcp_tool: y}]}}], mcp: {server: {max_request_bytes: 32768}}',
    'policy: [{allow: {or: [{claim/groups: X}]}}]',
    'allow_public_unauthenticated_access: true',
    'allowed_users: [x]',
  ])('nothing about %s', (keys) => {
    expect(warningsOf(route(keys))).toEqual([]);
  });

  test.each([
    [route(`${OPEN}, mcp: {server: {max_request_bytes: 0}}`), 'BAD_VALUE'],
    [route(`${OPEN}, regex: "("`), 'BAD_REGEX'],
    [route(`${OPEN}, regex_rewrite_pattern: "(?=x)"`), 'BAD_REGEX'],
    ['address: localhost:443', 'BAD_ADDRESS'],
  ])('an error where Envoy would refuse everything: %s', (text, code) => {
    const problems = problemsOf(text);
    expect(problems.map((problem) => [problem.severity, problem.code, problem.pomerium])).toEqual([
      ['error', code, undefined],
    ]);
  });
});

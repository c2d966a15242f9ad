import type { IncomingHttpHeaders } from 'node:http';
import type { HeaderList } from './exchange.ts';

/** What Pomerium v0.33.1 says on an MCP server route when it answers itself: authorize/check_response.go. */
export const ROUTE_CORS: HeaderList = [
  [
    'access-control-allow-headers',
    'Authorization, Content-Type, Accept, MCP-Protocol-Version, MCP-Session-Id, Last-Event-ID',
  ],
  ['access-control-allow-methods', 'GET, POST, DELETE, OPTIONS'],
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', 'WWW-Authenticate, MCP-Session-Id'],
];

export const ROUTE_VARY: HeaderList = [
  ['vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
];

/** Which cross-origin requests an endpoint of the control plane allows. */
export interface CorsPolicy {
  methods: readonly string[];
  headers: readonly string[];
}

export const METADATA_CORS: CorsPolicy = { methods: ['GET', 'OPTIONS'], headers: ['mcp-protocol-version'] };
export const OAUTH_CORS: CorsPolicy = {
  methods: ['GET', 'POST', 'OPTIONS'],
  headers: ['authorization', 'content-type', 'mcp-protocol-version'],
};
/** The JWKS and discovery documents: simple requests only. */
export const PUBLIC_CORS: CorsPolicy = { methods: ['GET'], headers: [] };

/** CORS headers of an answer that is not to a preflight, as github.com/rs/cors writes them. */
export function corsHeaders(origin: string | undefined): HeaderList {
  return origin === undefined ? [] : [['Access-Control-Allow-Origin', '*']];
}

/** The answer to OPTIONS: always 204; whoever asks for more than is allowed finds no headers in it. */
export function preflightHeaders(policy: CorsPolicy, headers: IncomingHttpHeaders): { cors: HeaderList; vary: string } {
  const method = headers['access-control-request-method'];
  const plain = 'Accept-Encoding';
  const full = `${plain},Origin, Access-Control-Request-Method, Access-Control-Request-Headers`;
  if (typeof method !== 'string' || method === '') return { cors: [], vary: `${plain},Origin` };
  const asked = listOf(headers['access-control-request-headers']);
  const allowed =
    headers.origin !== undefined &&
    policy.methods.includes(method) &&
    asked.every((name) => policy.headers.includes(name));
  if (!allowed) return { cors: [], vary: full };
  const cors: HeaderList = [
    ['Access-Control-Allow-Methods', method],
    ['Access-Control-Allow-Origin', '*'],
  ];
  if (asked.length > 0) cors.unshift(['Access-Control-Allow-Headers', asked.join(', ')]);
  return { cors, vary: full };
}

function listOf(value: string | string[] | undefined): string[] {
  const text = Array.isArray(value) ? value.join(',') : (value ?? '');
  return text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

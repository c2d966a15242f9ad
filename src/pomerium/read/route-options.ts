import { isRecord } from '../../json.ts';
import type { McpServer, PolicyRule, Position, RewriteHeader, Route, Upstream } from '../model.ts';
import { leftOver } from '../options.ts';
import type { RouteKeys } from '../schema/route.ts';

/** Bytes of a body that the authorization check may look at: config/policy.go, GetMaxRequestBytes. */
export const DEFAULT_REQUEST_BYTES = 4096;

/** What has a reader of its own, and where the route stands. */
export interface RouteParts {
  to: Upstream[];
  policy: PolicyRule[] | undefined;
  position: Position | undefined;
  positions: Record<string, Position>;
}

const TEXTS = [
  'name',
  'description',
  'logo_url',
  'prefix',
  'path',
  'regex',
  'prefix_rewrite',
  'regex_rewrite_pattern',
  'regex_rewrite_substitution',
  'host_rewrite',
  'host_rewrite_header',
  'host_path_regex_rewrite_pattern',
  'host_path_regex_rewrite_substitution',
  'tls_custom_ca_file',
  'tls_custom_ca',
  'tls_client_cert',
  'tls_client_key',
  'tls_client_cert_file',
  'tls_client_key_file',
] as const;

/** Keys that are part of others in the model, or count for nothing in a file's order. */
const READ_ELSEWHERE = ['policy', 'mcp', 'response', 'redirect', 'tls_server_name', 'regex_priority_order', ...TEXTS];

/** A route's checked keys with defaults applied. */
export function buildRoute(keys: RouteKeys, parts: RouteParts): Route {
  const flags = {
    allow_public_unauthenticated_access: keys.allow_public_unauthenticated_access ?? false,
    allow_any_authenticated_user: keys.allow_any_authenticated_user ?? false,
    allow_websockets: keys.allow_websockets ?? false,
    cors_allow_preflight: keys.cors_allow_preflight ?? false,
    preserve_host_header: keys.preserve_host_header ?? false,
    tls_skip_verify: keys.tls_skip_verify ?? false,
  };
  const lists = {
    allowed_users: keys.allowed_users ?? [],
    allowed_domains: keys.allowed_domains ?? [],
    allowed_idp_claims: flattenClaims(keys.allowed_idp_claims),
    set_request_headers: keys.set_request_headers ?? {},
    remove_request_headers: keys.remove_request_headers ?? [],
    set_response_headers: keys.set_response_headers ?? {},
  };
  const known = { ...flags, ...lists, ...optionalKeys(keys), from: keys.from ?? '', to: parts.to, ...placed(parts) };
  return { ...known, rest: leftOver(keys, known, READ_ELSEWHERE) };
}

/** Keys that stay away when they are not set; an empty text is not set. */
function optionalKeys(keys: RouteKeys): Partial<Route> {
  const route: Partial<Route> = {};
  for (const key of TEXTS) if (keys[key]) route[key] = keys[key];
  if (keys.timeout !== undefined) route.timeout = keys.timeout;
  if (keys.idle_timeout !== undefined) route.idle_timeout = keys.idle_timeout;
  if (keys.pass_identity_headers !== undefined) route.pass_identity_headers = keys.pass_identity_headers;
  if (keys.jwt_issuer_format !== undefined) route.jwt_issuer_format = keys.jwt_issuer_format;
  if (keys.allow_spdy !== undefined) route.allow_spdy = keys.allow_spdy;
  if (keys.allow_upgrades) route.allow_upgrades = keys.allow_upgrades;
  if (keys.load_balancing_policy) route.load_balancing_policy = keys.load_balancing_policy;
  const rewrites = rewritesOf(keys.rewrite_response_headers);
  if (rewrites) route.rewrite_response_headers = rewrites;
  if (keys.redirect) route.redirect = keys.redirect;
  if (keys.response) route.response = { status: keys.response.status ?? 0, body: keys.response.body ?? '' };
  // tls_server_name is the old name of the upstream's.
  const serverName = keys.tls_upstream_server_name || keys.tls_server_name;
  if (serverName) route.tls_upstream_server_name = serverName;
  const mcp = mcpOf(keys.mcp);
  if (mcp) route.mcp = mcp;
  return route;
}

function rewritesOf(entries: RouteKeys['rewrite_response_headers']): RewriteHeader[] | undefined {
  return entries?.flatMap((entry) =>
    entry?.header ? [{ header: entry.header, prefix: entry.prefix ?? '', value: entry.value ?? '' }] : [],
  );
}

function placed({ policy, position, positions }: RouteParts): Pick<Route, 'policy' | 'position' | 'positions'> {
  return { ...(policy && { policy }), ...(position && { position }), positions };
}

function mcpOf(mcp: RouteKeys['mcp']): Route['mcp'] {
  if (!mcp) return undefined;
  const server: McpServer | undefined = mcp.server && {
    ...mcp.server,
    max_request_bytes: mcp.server.max_request_bytes ?? DEFAULT_REQUEST_BYTES,
  };
  return { ...(server && { server }), ...(mcp.client && { client: {} }) };
}

/** `{a: {b: 1}}` becomes `a.b: [1]`, as claims of users do. */
function flattenClaims(value: unknown, prefix = ''): Record<string, unknown[]> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown[]][] =>
      isRecord(item)
        ? Object.entries(flattenClaims(item, `${prefix}${key}.`))
        : [[prefix + key, Array.isArray(item) ? (item as unknown[]) : [item]]],
    ),
  );
}

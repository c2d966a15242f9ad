import type { z } from 'zod';
import {
  anything,
  bool,
  duration,
  enumeration,
  int32,
  int64,
  list,
  listOf,
  mapping,
  text,
  textMap,
  uint32,
} from './fields.ts';

/** Names of protobuf's IssuerFormat, which lose their common prefix. */
export const issuerFormat = enumeration('IssuerFormat', 'ISSUER', { HOSTONLY: 'hostOnly', URI: 'uri' });

export const bearerTokenFormat = enumeration('BearerTokenFormat', 'BEARER_TOKEN_FORMAT_', {
  UNKNOWN: 'unknown',
  DEFAULT: 'default',
  IDP_ACCESS_TOKEN: 'idp_access_token',
  IDP_IDENTITY_TOKEN: 'idp_identity_token',
});

/** protobuf's LoadBalancingPolicy. */
const loadBalancingPolicy = enumeration('LoadBalancingPolicy', 'LOAD_BALANCING_POLICY_', {
  UNSPECIFIED: 'round_robin',
  ROUND_ROBIN: 'round_robin',
  MAGLEV: 'maglev',
  RANDOM: 'random',
  RING_HASH: 'ring_hash',
  LEAST_REQUEST: 'least_request',
});

export const circuitBreakerThresholds = mapping({
  max_connections: uint32,
  max_pending_requests: uint32,
  max_requests: uint32,
  max_retries: uint32,
  max_connection_pools: uint32,
});

/** protobuf's OAuth2AuthStyle, parsed and then ignored since Pomerium v0.33.0. */
const authStyle = enumeration('OAuth2AuthStyle', 'OAUTH2_AUTH_STYLE_', {
  UNSPECIFIED: '',
  IN_PARAMS: 'params',
  IN_HEADER: 'header',
});

const upstreamOauth2 = mapping({
  client_id: text,
  client_secret: text,
  endpoint: mapping({ auth_url: text, token_url: text, auth_style: authStyle }),
  scopes: list,
  authorization_url_params: textMap,
});

const mcp = mapping({
  server: mapping({
    upstream_oauth2: upstreamOauth2,
    max_request_bytes: uint32,
    path: text,
    authorization_server_url: text,
  }),
  client: mapping({}),
});

const redirect = mapping({
  https_redirect: bool,
  scheme_redirect: text,
  host_redirect: text,
  port_redirect: uint32,
  path_redirect: text,
  prefix_rewrite: text,
  response_code: int32,
  strip_query: bool,
});

const subPolicy = mapping({
  id: text,
  name: text,
  allowed_users: list,
  allowed_domains: list,
  allowed_idp_claims: anything,
  rego: list,
  source_ppl: text,
  explanation: text,
  remediation: text,
});

/** Every key of a route: Pomerium v0.33.1 config/policy.go, type Policy. `to` and `policy` have readers of their own. */
export const routeSchema = mapping({
  name: text,
  description: text,
  logo_url: text,
  from: text,
  to: anything,
  redirect,
  response: mapping({ status: int64, body: text }),
  allowed_users: list,
  allowed_domains: list,
  allowed_idp_claims: anything,
  prefix: text,
  path: text,
  regex: text,
  regex_priority_order: int64,
  prefix_rewrite: text,
  regex_rewrite_pattern: text,
  regex_rewrite_substitution: text,
  host_rewrite: text,
  host_rewrite_header: text,
  host_path_regex_rewrite_pattern: text,
  host_path_regex_rewrite_substitution: text,
  cors_allow_preflight: bool,
  allow_public_unauthenticated_access: bool,
  allow_any_authenticated_user: bool,
  timeout: duration,
  idle_timeout: duration,
  allow_websockets: bool,
  allow_spdy: bool,
  tls_skip_verify: bool,
  tls_server_name: text,
  tls_downstream_server_name: text,
  tls_upstream_server_name: text,
  tls_custom_ca: text,
  tls_custom_ca_file: text,
  tls_client_cert: text,
  tls_client_key: text,
  tls_client_cert_file: text,
  tls_client_key_file: text,
  tls_downstream_client_ca: text,
  tls_downstream_client_ca_file: text,
  tls_upstream_allow_renegotiation: bool,
  set_request_headers: textMap,
  remove_request_headers: list,
  preserve_host_header: bool,
  pass_identity_headers: bool,
  kubernetes_service_account_token: text,
  kubernetes_service_account_token_file: text,
  enable_google_cloud_serverless_authentication: bool,
  sub_policies: listOf(subPolicy),
  rewrite_response_headers: listOf(mapping({ header: text, prefix: text, value: text })),
  set_response_headers: textMap,
  idp_client_id: text,
  idp_client_secret: text,
  idp_access_token_allowed_audiences: list,
  show_error_details: bool,
  policy: anything,
  depends_on: list,
  mcp,
  circuit_breaker_thresholds: circuitBreakerThresholds,
  upstream_tunnel: mapping({ ssh_policy: anything, ssh_policy_rego: list }),
  outlier_detection: anything,
  health_checks: anything,
  healthy_panic_threshold: int32,
  allow_upgrades: list,
  bearer_token_format: bearerTokenFormat,
  jwt_issuer_format: issuerFormat,
  load_balancing_policy: loadBalancingPolicy,
  session_recording: mapping({ enabled: bool }),
});

export type RouteKeys = NonNullable<z.output<typeof routeSchema>>;

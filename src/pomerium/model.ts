/**
 * Pomerium's configuration as data. Keys are spelled as in the file, so that a reader finds them in Pomerium's reference.
 * Source: Pomerium v0.33.1 config/options.go, config/policy.go.
 */

/** Line and column of a key or value in the file, both 1-based. */
export interface Position {
  line: number;
  column: number;
}

export interface Problem {
  /** Stable identifier, such as `UNKNOWN_KEY`, `MCP_NEITHER`, `BAD_SECRET`. */
  code: string;
  severity: 'error' | 'warning';
  /** Dotted path with indices: `routes[0].mcp.server`. Empty for the file as a whole. */
  path: string;
  /** One sentence: what is wrong, with the value (never a secret's). */
  message: string;
  why?: string;
  fix?: string;
  position?: Position;
  /** The text with which Pomerium v0.33.1 refuses to start; absent when it would start. */
  pomerium?: string;
}

export interface UpstreamOauth2 {
  client_id?: string;
  client_secret?: string;
  scopes?: string[];
  endpoint?: { auth_url?: string; token_url?: string; auth_style?: string };
  authorization_url_params?: Record<string, string>;
}

export interface McpServer {
  /** Bytes of the body that the authorization check may look at. */
  max_request_bytes: number;
  path?: string;
  authorization_server_url?: string;
  upstream_oauth2?: UpstreamOauth2;
}

export interface Upstream {
  /** The URL of `to` without the weight suffix. */
  url: string;
  weight: number;
}

/** Envoy's, as the names of Pomerium's LoadBalancingPolicy without their common prefix. */
export type LoadBalancingPolicy = 'round_robin' | 'maglev' | 'random' | 'ring_hash' | 'least_request';

/** A response header whose value, where it begins with `prefix`, begins with `value` instead. */
export interface RewriteHeader {
  header: string;
  prefix: string;
  value: string;
}

/** One entry of `routes`, checked, with defaults applied. Unlisted keys of Pomerium are in `rest`. */
export interface Route {
  name?: string;
  description?: string;
  logo_url?: string;
  from: string;
  to: Upstream[];
  prefix?: string;
  path?: string;
  regex?: string;
  prefix_rewrite?: string;
  regex_rewrite_pattern?: string;
  regex_rewrite_substitution?: string;
  mcp?: { server?: McpServer; client?: Record<string, never> };
  policy?: PolicyRule[];
  allow_public_unauthenticated_access: boolean;
  allow_any_authenticated_user: boolean;
  allowed_users: string[];
  allowed_domains: string[];
  allowed_idp_claims: Record<string, unknown[]>;
  /** Undefined: the global setting decides. */
  pass_identity_headers?: boolean;
  preserve_host_header: boolean;
  host_rewrite?: string;
  /** The request header whose value becomes the upstream's Host. */
  host_rewrite_header?: string;
  host_path_regex_rewrite_pattern?: string;
  host_path_regex_rewrite_substitution?: string;
  set_request_headers: Record<string, string>;
  remove_request_headers: string[];
  set_response_headers: Record<string, string>;
  rewrite_response_headers?: RewriteHeader[];
  tls_skip_verify: boolean;
  tls_custom_ca_file?: string;
  /** Base64 of PEM. */
  tls_custom_ca?: string;
  tls_upstream_server_name?: string;
  /** Base64 of PEM. */
  tls_client_cert?: string;
  tls_client_key?: string;
  tls_client_cert_file?: string;
  tls_client_key_file?: string;
  load_balancing_policy?: LoadBalancingPolicy;
  /** Milliseconds; 0 = none. */
  timeout?: number;
  idle_timeout?: number;
  allow_websockets: boolean;
  allow_spdy?: boolean;
  /** Names of upgrades beside those; undefined: the global setting decides. */
  allow_upgrades?: string[];
  cors_allow_preflight: boolean;
  redirect?: Record<string, unknown>;
  response?: { status: number; body: string };
  jwt_issuer_format?: 'hostOnly' | 'uri';
  /** Every other key, with its value decoded. */
  rest: Record<string, unknown>;
  /** Where the route starts in the file. */
  position?: Position;
  /** Where each rule stands, by `policy[i].allow`, `allowed_users` etc.; for `Rule: file:line`. */
  positions: Record<string, Position>;
}

/** The global options that the development gateway reads, with defaults applied. */
export interface Options {
  /** `host:port`; the default is `:443`. */
  address: string;
  insecure_server: boolean;
  authenticate_service_url?: string;
  idp_provider?: string;
  idp_provider_url?: string;
  idp_client_id?: string;
  idp_client_secret?: string;
  idp_scopes: string[];
  idp_request_params: Record<string, string>;
  /** 32 bytes, base64; undefined when not set. */
  shared_secret?: string;
  cookie_secret?: string;
  /** PEM text (already decoded if it was base64, already read if it was a file). */
  signing_key?: string;
  /** Certificates as file paths or PEM text. */
  certificates: { cert: string; key: string }[];
  /** Base64 of PEM: trusted for upstreams beside the well-known roots. */
  certificate_authority?: string;
  certificate_authority_file?: string;
  /** Names of upgrades that routes allow which do not say themselves. */
  allow_upgrades?: string[];
  cookie_name: string;
  /** Milliseconds; default 14 h. */
  cookie_expire: number;
  cookie_domain?: string;
  cookie_same_site?: string;
  databroker_storage_type: 'memory' | 'file' | 'postgres';
  databroker_storage_connection_string?: string;
  pass_identity_headers: boolean;
  /** Header name -> claim name. */
  jwt_claims_headers: Record<string, string>;
  jwt_issuer_format: 'hostOnly' | 'uri';
  /** Response headers added to everything Envoy answers; undefined = Pomerium's defaults. */
  set_response_headers?: Record<string, string>;
  runtime_flags: Record<string, boolean>;
  mcp_allowed_client_id_domains: string[];
  mcp_allowed_as_metadata_domains: string[];
  log_level: string;
  authorize_log_fields: string[];
  http_redirect_addr?: string;
  health_check_addr: string;
  /** Milliseconds. */
  default_upstream_timeout: number;
  routes: Route[];
  /** Every other global key, with its value decoded; keys that name files which have been read are not among them. */
  rest: Record<string, unknown>;
}

// ---- policy (PPL) ----

export type Action = 'allow' | 'deny';
export type Conditional = 'and' | 'or' | 'not' | 'nor';

export interface PolicyRule {
  action: Action;
  conditions: { conditional: Conditional; criteria: Criterion[] }[];
  position?: Position;
}

export interface Criterion {
  /** `domain`, `email`, `mcp_tool`, `claim`, ... */
  name: string;
  /** `groups` of `claim/groups`. */
  subPath?: string;
  /** The value as written: a string, a boolean, or an operator object. */
  data: unknown;
  position?: Position;
}

/** What a policy sees of one request. */
export interface PolicyInput {
  /** Absent for anonymous requests. */
  session?: Session;
  http: {
    method: string;
    path: string;
    hostname: string;
    headers: Record<string, string | string[] | undefined>;
    ip?: string;
  };
  /** The JSON-RPC method and tool; absent when the body was not inspected or did not parse. */
  mcp?: { method: string; tool?: string };
}

/** How all rules of one action ended together, with the reasons that Pomerium logs. */
export interface Verdict {
  readonly value: boolean;
  readonly reasons: readonly string[];
}

/** What a policy says of a request. Which rule it was, `explainPolicy` tells. */
export interface Decision {
  /**
   * `unauthenticated`: nobody is signed in, and a rule asks who it is. `device`: a rule asks for a registered device. `deny`: a
   * deny rule holds, or no allow rule does.
   */
  readonly kind: 'allow' | 'unauthenticated' | 'device' | 'deny';
  readonly allow: Verdict;
  readonly deny: Verdict;
}

/** A signed-in user as policy, assertion and portal see them. */
export interface Session {
  id: string;
  /** `sub` of the identity provider. */
  userId: string;
  email: string;
  name: string;
  /** All claims of the identity provider (id_token and userinfo merged). */
  claims: Record<string, unknown>;
  /** Milliseconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

/** A JSON-RPC message as far as the gateway looks into it; undefined when it does not count as a request. */
export interface McpRequest {
  /** Raw JSON of the id for the reply: `1`, `"abc"`; undefined when absent or null. */
  id?: number | string;
  method: string;
  tool?: string;
}

import { DEFAULT_AUTHORIZE_LOG_FIELDS } from './log-fields.ts';
import type { Options, Route } from './model.ts';
import type { GlobalKeys } from './schema/global.ts';

/** Pomerium v0.33.1 config/runtime_flags.go. */
export const DEFAULT_FLAGS: Readonly<Record<string, boolean>> = {
  add_extra_metrics_labels: true,
  allow_any_sign_out_redirect_uri: false,
  authorize_use_synced_data: true,
  config_hot_reload: true,
  debug_admin_endpoints: false,
  envoy_resource_manager: true,
  grpc_databroker_keepalive: true,
  match_any_incoming_port: true,
  mcp: true,
  mcp_dynamic_client_registration: false,
  pomerium_jwt_endpoint: false,
  refresh_session_at_id_token_expiration: true,
  routes_portal: true,
  set_envoy_concurrency_to_go_max_procs: true,
  ssh_allow_direct_tcpip: false,
  ssh_routes_portal: false,
  ssh_upstream_tunnel: false,
};

const FOURTEEN_HOURS = 14 * 3_600_000;

/** What the configuration's files and encodings hold, read: texts that replace the keys of the same name. */
export interface ReadKeys {
  shared_secret?: string | undefined;
  cookie_secret?: string | undefined;
  idp_client_secret?: string | undefined;
  signing_key?: string | undefined;
  databroker_storage_connection_string?: string | undefined;
  certificates: { cert: string; key: string }[];
}

/** Keys whose contents stand under other keys once they are read. */
const READ_ELSEWHERE = [
  'policy',
  'certificate',
  'certificate_key',
  'certificate_file',
  'certificate_key_file',
  'shared_secret_file',
  'cookie_secret_file',
  'idp_client_secret_file',
  'signing_key_file',
  'databroker_storage_connection_string_file',
];

/** The options in force: checked keys, with Pomerium's defaults (v0.33.1 config/options.go, defaultOptions). */
export function buildOptions(
  keys: GlobalKeys,
  read: ReadKeys,
  claimsHeaders: Record<string, string>,
  routes: Route[],
): Options {
  const withDefaults = {
    address: keys.address || ':443',
    insecure_server: keys.insecure_server ?? false,
    cookie_name: keys.cookie_name ?? '_pomerium',
    cookie_expire: keys.cookie_expire ?? FOURTEEN_HOURS,
    idp_scopes: keys.idp_scopes ?? [],
    idp_request_params: keys.idp_request_params ?? {},
    databroker_storage_type: storageType(keys.databroker_storage_type),
    pass_identity_headers: keys.pass_identity_headers ?? false,
    jwt_issuer_format: keys.jwt_issuer_format ?? 'hostOnly',
    runtime_flags: { ...DEFAULT_FLAGS, ...keys.runtime_flags },
    mcp_allowed_client_id_domains: keys.mcp_allowed_client_id_domains ?? [],
    mcp_allowed_as_metadata_domains: keys.mcp_allowed_as_metadata_domains ?? [],
    log_level: keys.log_level || 'info',
    authorize_log_fields: keys.authorize_log_fields ?? [...DEFAULT_AUTHORIZE_LOG_FIELDS],
    // Quotes around the address are forgiven (pomerium/pomerium#811).
    http_redirect_addr: keys.http_redirect_addr?.replace(/^["']+|["']+$/g, '') || undefined,
    health_check_addr: keys.health_check_addr ?? '127.0.0.1:28080',
    default_upstream_timeout: keys.default_upstream_timeout ?? 30_000,
  } satisfies Partial<Options>;
  const texts = {
    authenticate_service_url: keys.authenticate_service_url || undefined,
    idp_provider: keys.idp_provider || undefined,
    idp_provider_url: keys.idp_provider_url || undefined,
    idp_client_id: keys.idp_client_id || undefined,
    certificate_authority: keys.certificate_authority || undefined,
    certificate_authority_file: keys.certificate_authority_file || undefined,
    cookie_domain: keys.cookie_domain || undefined,
    cookie_same_site: keys.cookie_same_site?.toLowerCase() || undefined,
    set_response_headers: keys.set_response_headers,
    allow_upgrades: keys.allow_upgrades,
  };
  const known = { ...withDefaults, ...texts, ...read, jwt_claims_headers: claimsHeaders, routes };
  return { ...withoutUndefined(known), rest: leftOver(keys, known, READ_ELSEWHERE) };
}

function storageType(value: string | undefined): Options['databroker_storage_type'] {
  return value === 'file' || value === 'postgres' ? value : 'memory';
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/** What a file sets and the model has no key for. */
export function leftOver(keys: object, known: object, readElsewhere: readonly string[]): Record<string, unknown> {
  const isLeft = (key: string): boolean => !Object.hasOwn(known, key) && !readElsewhere.includes(key);
  return Object.fromEntries(Object.entries(keys).filter(([key, value]) => value !== undefined && isLeft(key)));
}

import type { Options } from '../../../src/pomerium/model.ts';

export const ROUTE_HOST = 'mcp.corp.test:18443';
export const OTHER_HOST = 'bare.corp.test:18443';
export const AUTHENTICATE_HOST = 'auth.corp.test:18443';
export const CALLBACK = 'http://127.0.0.1:7777/callback';
export const SECRET = Buffer.alloc(32, 7).toString('base64');

export function testOptions(changes: Partial<Options> = {}): Options {
  return {
    address: ':18443',
    insecure_server: false,
    authenticate_service_url: `https://${AUTHENTICATE_HOST}`,
    idp_provider: 'oidc',
    idp_client_id: 'pomerium',
    idp_client_secret: 'secret',
    idp_scopes: ['openid', 'profile', 'email', 'groups'],
    idp_request_params: {},
    shared_secret: SECRET,
    certificates: [],
    cookie_name: '_pomerium',
    cookie_expire: 14 * 3_600_000,
    databroker_storage_type: 'file',
    pass_identity_headers: false,
    jwt_claims_headers: {},
    jwt_issuer_format: 'hostOnly',
    runtime_flags: { mcp: true, mcp_dynamic_client_registration: true },
    mcp_allowed_client_id_domains: [],
    mcp_allowed_as_metadata_domains: [],
    log_level: 'info',
    authorize_log_fields: [],
    health_check_addr: '127.0.0.1:28080',
    default_upstream_timeout: 30_000,
    routes: [],
    rest: {},
    ...changes,
  };
}

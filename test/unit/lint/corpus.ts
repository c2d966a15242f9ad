/** A healthy project, and for each rule the smallest change that breaks it. Keys of the healthy one that are left out are taken from it. */

export const HEALTHY_CONFIG = `address: ":443"
autocert: true
http_redirect_addr: ":80"
authenticate_service_url: https://auth.corp.test
idp_provider: oidc
idp_provider_url: https://idp.corp.test
idp_client_id: gateway
idp_scopes: [openid, email, offline_access]
mcp_allowed_client_id_domains: [claude.ai]
routes:
  - from: https://whoami.corp.test
    to: http://mcp-servers:8080/whoami
    pass_identity_headers: true
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: corp.test}}]}}]
`;

export const HEALTHY_COMPOSE = `services:
  postgres:
    image: postgres:17
    environment: {POSTGRES_PASSWORD: secret}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: [CMD, pg_isready]}
  pomerium:
    image: pomerium/pomerium:v0.33.1
    depends_on: {postgres: {condition: service_healthy}}
    environment:
      SHARED_SECRET: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
      COOKIE_SECRET: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
      DATABROKER_STORAGE_TYPE: postgres
      DATABROKER_STORAGE_CONNECTION_STRING: postgresql://pomerium:secret@postgres/pomerium
    ports: ["443:443", "80:80"]
    volumes: ["./pomerium-config.yaml:/pomerium/config.yaml:ro", "autocert:/data/autocert"]
    networks: {default: {aliases: [whoami.corp.test, auth.corp.test]}}
  mcp-servers:
    image: mcpgw:0.1.0
volumes: {data: {}, autocert: {}}
`;

type Change = (text: string) => string;

export interface Broken {
  config?: Change;
  compose?: Change;
  release?: string;
  /** Findings that belong to the same fault; they may come along. */
  along?: readonly string[];
  /** Files that are not there. */
  gone?: readonly string[];
}

const SERVER = 'mcp: {server: {}}';

function replace(from: string | RegExp, to: string): Change {
  return (text) => {
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`nothing to replace: ${String(from)}`);
    return changed;
  };
}

function server(lines: string): Change {
  return replace(SERVER, `mcp:\n      server:\n        ${lines}`);
}

/** What else is to be said of every old release. */
const OLD = { along: ['KEY_TOO_NEW', 'MCP_FLAG_OFF', 'STREAM_TIMEOUT', 'NO_REFRESH_GRANT', 'TOKEN_REACHES_UPSTREAM'] };

export const BROKEN: Readonly<Record<string, Broken>> = {
  NO_SHARED_SECRET: { compose: replace(/ +SHARED_SECRET.*\n/, '') },
  NO_COOKIE_SECRET: { compose: replace(/ +COOKIE_SECRET.*\n/, '') },
  MEMORY_STORE: { compose: replace(/ +DATABROKER_STORAGE.*\n +DATABROKER.*\n/, '') },
  HOSTED_AUTHENTICATE: { config: replace(/authenticate_service_url(.*\n){5}/, '') },
  NO_REFRESH: { config: replace('oidc', 'github') },
  NO_CLIENT_CAN_CONNECT: { config: replace(/mcp_allowed.*\n/, '') },
  CLIENT_DOMAIN_PATTERN: { config: replace('claude.ai', '"https://claude.ai"') },
  MCP_FLAG_OFF: { config: (text) => `${text}runtime_flags: {mcp: false}\n` },
  CLIENT_DOMAINS_REQUIRED: {
    config: (text) => `${replace(/mcp_allowed.*\n/, '')(text)}runtime_flags: {mcp: true}\n`,
    release: 'v0.32.0',
    along: ['STREAM_TIMEOUT'],
  },
  AUTOCERT_NO_REDIRECT: { config: replace(/http_redirect.*\n/, ''), along: ['DEAD_PORT_80'] },
  AUTOCERT_PORT: { config: replace(':443', ':8443'), along: ['PUBLISHED_PORT'] },
  AUTOCERT_DIR_IGNORED: { config: (text) => `${text}autocert_dir: /certs\n` },
  AUTOCERT_VOLUME: { compose: replace(', "autocert:/data/autocert"', '') },
  AUTHENTICATE_HOST_TAKEN: { config: replace('auth.corp.test', 'whoami.corp.test') },
  WHOAMI_NO_IDENTITY: { config: replace(/ +pass_identity.*\n/, '') },
  AUTHORIZATION_LOST: { config: replace(SERVER, `${SERVER}\n    set_request_headers: {Authorization: Bearer x}`) },
  UPSTREAM_CLIENT_UNKNOWN: {
    config: server('upstream_oauth2: {endpoint: {auth_url: https://a.test/a, token_url: https://a.test/t}}'),
  },
  UPSTREAM_DISCOVERY_PORT: { config: server('upstream_oauth2: {client_id: x}') },
  SECRET_IN_FILE: {
    config: server(
      'upstream_oauth2: {client_id: x, client_secret: y, endpoint: {auth_url: https://a.test/a, token_url: https://a.test/t}}',
    ),
  },
  PUBLIC_MCP_ROUTE: { config: replace(/ +policy: .*\n/, '    allow_public_unauthenticated_access: true\n') },
  SAMPLE_POLICY: { config: replace('is: corp.test', 'is: pomerium.com') },
  STREAM_TIMEOUT: { release: 'v0.32.3', config: (text) => `${text}runtime_flags: {mcp: true}\n` },
  KEY_TOO_NEW: { release: 'v0.31.0', config: (text) => `${text}runtime_flags: {mcp: true}\n`, ...OLD },
  ENVIRONMENT_BEATS_FILE: {
    config: (text) => `${text}databroker_storage_type: memory\n`,
  },
  ZERO_TOKEN: { compose: replace('      SHARED', '      POMERIUM_ZERO_TOKEN: x\n      SHARED') },
  FLOATING_TAG: { compose: replace('pomerium:v0.33.1', 'pomerium:latest'), along: ['IMAGE_LICENCE'] },
  IMAGE_LICENCE: { compose: replace('pomerium:v0.33.1', 'pomerium:v0.34.0') },
  PUBLIC_SERVERS_IMAGE: { compose: replace('mcpgw:0.1.0', 'pomerium/mcp-servers:main') },
  PUBLISHED_PORT: { compose: replace('443:443', '444:443') },
  DEAD_PORT_80: { config: replace(/http_redirect.*\n/, ''), along: ['AUTOCERT_NO_REDIRECT'] },
  MISSING_ALIAS: { compose: replace('[whoami.corp.test, ', '[') },
  UNKNOWN_UPSTREAM: { config: replace('mcp-servers', 'mcp-server') },
  UPSTREAM_ON_LOOPBACK: { config: replace('mcp-servers', 'localhost') },
  MOUNT_SOURCE_MISSING: { gone: ['/project/pomerium-config.yaml'] },
  OPEN_DATABASE: { compose: replace('{POSTGRES_PASSWORD: secret}', '{POSTGRES_HOST_AUTH_METHOD: trust}') },
  DATABASE_NOT_AWAITED: { compose: replace('{postgres: {condition: service_healthy}}', '[postgres]') },
  AUTOCERT_STAGING: { config: (text) => `${text}autocert_use_staging: true\n` },
  AUTOCERT_CA_IGNORED: { config: (text) => `${text}autocert_trusted_ca_file: /ca.pem\n` },
  UPSTREAM_NAMED_LOCALHOST: { config: replace('mcp-servers', 'mcp-servers.localhost') },
  FROM_PORT: { config: replace('whoami.corp.test', 'whoami.corp.test:8443') },
  VARIABLE_UNEXPANDED: { config: replace('idp_client_id: gateway', 'idp_client_id: ${ID}') },
  SERVERS_TAG: { compose: replace('mcpgw:0.1.0', 'pomerium/mcp-servers'), along: ['PUBLIC_SERVERS_IMAGE'] },
  TOKEN_REACHES_UPSTREAM: { release: 'v0.30.8', ...OLD },
  NO_REFRESH_GRANT: { release: 'v0.31.3', ...OLD },
  CLIENT_STREAM_TIMEOUT: { config: replace('server: {}', 'client: {}') },
  DATABASE_VOLUME: { compose: replace('data:/var/lib', '/var/lib') },
  RELEASE_WITHOUT_MCP: { release: 'v0.25.2', along: [...OLD.along, 'TOKEN_REACHES_UPSTREAM'] },
};

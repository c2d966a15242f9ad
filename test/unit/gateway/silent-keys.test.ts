import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { unhonouredKeys, WITHOUT_EFFECT } from '../../../src/gateway/unhonoured.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { buildOptions, DEFAULT_FLAGS } from '../../../src/pomerium/options.ts';
import { buildRoute } from '../../../src/pomerium/read/route-options.ts';
import { globalSchema } from '../../../src/pomerium/schema/global.ts';
import { routeSchema } from '../../../src/pomerium/schema/route.ts';

const TESTS = join(import.meta.dirname, '..');

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Where what a key does is tested. A dot leads into a mapping. */
const HONOURED: Record<string, readonly string[]> = {
  'gateway/route-keys.test.ts': words(`
    allow_any_authenticated_user allow_public_unauthenticated_access cors_allow_preflight prefix path regex
    prefix_rewrite regex_rewrite_pattern regex_rewrite_substitution host_rewrite host_rewrite_header
    preserve_host_header host_path_regex_rewrite_pattern host_path_regex_rewrite_substitution set_request_headers
    remove_request_headers set_response_headers rewrite_response_headers redirect response timeout idle_timeout
    default_upstream_timeout from to routes load_balancing_policy`),
  'gateway/upgrades.test.ts': words('allow_websockets allow_spdy allow_upgrades mcp'),
  'gateway/upstream-tls.test.ts': words(`
    tls_skip_verify tls_server_name tls_upstream_server_name tls_custom_ca tls_custom_ca_file tls_client_cert
    tls_client_key tls_client_cert_file tls_client_key_file certificate_authority certificate_authority_file`),
  'gateway/global-keys.test.ts': words(`
    certificates log_level jwt_issuer_format http_redirect_addr address cookie_http_only cookie_domain
    pass_identity_headers`),
  'gateway/lifecycle.test.ts': words('jwt_claims_headers authorize_log_fields'),
  'gateway/portal.test.ts': words('name description logo_url'),
  'gateway-identity/sign-in.test.ts': words('cookie_name cookie_expire cookie_same_site idp_scopes'),
  'gateway-identity/options.ts': words(`
    authenticate_service_url idp_provider idp_client_id idp_client_secret mcp_allowed_client_id_domains
    shared_secret idp_request_params insecure_server health_check_addr runtime_flags`),
  'gateway-upstream-oauth/discovery.test.ts': words('mcp_allowed_as_metadata_domains'),
  'pomerium/policy.test.ts': words('policy allowed_users allowed_domains allowed_idp_claims'),
  'pomerium/parse.test.ts': words(`
    certificate certificate_key certificate_file certificate_key_file signing_key signing_key_file
    shared_secret_file cookie_secret_file idp_client_secret_file idp_provider_url databroker_storage_type
    databroker_storage_connection_string signout_redirect_url databroker_storage_connection_string_file`),
};

/** Keys that the model has and nobody could see an effect of. */
const SEEN_BY_NOBODY = [
  // Of Pomerium's own cookies; here a cookie holds a handle that is sealed with the shared secret. It is checked all the same.
  'cookie_secret',
  // Pomerium sorts by it what comes from its console; a file has an order.
  'regex_priority_order',
];

const QUIET = new Set<string>([...Object.values(HONOURED).flat(), ...SEEN_BY_NOBODY, ...WITHOUT_EFFECT]);

/** Values of every kind that a key may have; a key is tried with all that it takes. */
const SAMPLES: readonly unknown[] = [
  'x',
  '5s',
  7,
  true,
  false,
  ['x'],
  { a: 'b' },
  {},
  [{}],
  'drop_header',
  'keep_unchanged',
  'http3',
  'random',
  'uri',
  'idp_access_token',
  'header',
];

type Shape = Record<string, z.ZodType>;

function shapeOf(schema: z.ZodType): Shape {
  let inner: unknown = schema;
  while (!(inner instanceof z.ZodObject)) {
    if (inner instanceof z.ZodOptional) inner = inner.unwrap();
    else if (inner instanceof z.ZodPipe) inner = inner.out;
    else throw new Error('no mapping');
  }
  return inner.shape;
}

function valuesOf(schema: z.ZodType): unknown[] {
  return SAMPLES.flatMap((sample) => {
    const { success, data } = schema.safeParse(sample);
    return success && data !== undefined ? [data] : [];
  });
}

const SECRETS = {
  shared_secret: 'x',
  cookie_secret: 'x',
  idp_client_secret: 'x',
  signing_key: 'x',
  databroker_storage_connection_string: 'x',
  certificates: [],
};

/** The keys for which some value draws a warning that names them. */
function warnedKeys(shape: Shape, start: string, optionsWith: (keys: Record<string, unknown>) => Options): string[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const values = valuesOf(schema);
    expect(values, `${key} has a value`).not.toEqual([]);
    const isWarned = values.some((value) =>
      unhonouredKeys(optionsWith({ [key]: value })).some((entry) => entry['key'] === start + key),
    );
    return isWarned ? [key] : [];
  });
}

const globalOptions = (keys: Record<string, unknown>): Options => buildOptions(keys, SECRETS, {}, []);
const routeOptions = (keys: Record<string, unknown>): Options => {
  const parts = { to: [], policy: undefined, position: undefined, positions: {} };
  return buildOptions({}, SECRETS, {}, [buildRoute({ from: 'https://a.test', ...keys }, parts)]);
};

describe('no key of the configuration is silent', () => {
  test.each([
    ['globally', shapeOf(globalSchema), '', globalOptions],
    ['on a route', shapeOf(routeSchema), 'routes[0].', routeOptions],
  ] as const)(
    '%s every key is honoured with a test, without effect by nature, or warned about',
    (_, shape, start, of) => {
      const warned = warnedKeys(shape, start, of);
      expect(Object.keys(shape).filter((key) => !QUIET.has(key) && !warned.includes(key))).toEqual([]);
    },
  );

  test('what is said to be without effect draws no warning', () => {
    const warned = warnedKeys(shapeOf(globalSchema), '', globalOptions);
    warned.push(...warnedKeys(shapeOf(routeSchema), 'routes[0].', routeOptions));
    expect(warned.filter((key) => WITHOUT_EFFECT.some((quiet) => quiet === key))).toEqual([]);
  });

  test.each(Object.entries(HONOURED))('%s has something to say about each of its keys', (file, keys) => {
    const text = readFileSync(join(TESTS, file), 'utf8');
    expect(keys.filter((key) => !text.includes(key))).toEqual([]);
  });

  test('the keys of a redirect, of a response and of an MCP server are each in a test', () => {
    const { redirect, response, mcp } = shapeOf(routeSchema);
    const routes = readFileSync(join(TESTS, 'gateway/route-keys.test.ts'), 'utf8');
    for (const schema of [redirect, response]) {
      for (const key of Object.keys(shapeOf(schema ?? z.never()))) expect(routes).toContain(`${key}:`);
    }
    const { server } = shapeOf(mcp ?? z.never());
    const { upstream_oauth2: upstream, ...own } = shapeOf(server ?? z.never());
    const oauth = ['discovery', 'support/bed', 'refusals'].map((name) =>
      readFileSync(join(TESTS, `gateway-upstream-oauth/${name}${name.includes('/') ? '' : '.test'}.ts`), 'utf8'),
    );
    const inner = Object.keys(shapeOf(upstream ?? z.never()));
    expect(inner.filter((key) => !oauth.some((text) => text.includes(key)))).toEqual([]);
    expect(Object.keys(own)).toEqual(['max_request_bytes', 'path', 'authorization_server_url']);
  });

  test('a runtime flag that is not as usual and has no part here is named', () => {
    const changed = (flag: string): Options => globalOptions({ runtime_flags: { [flag]: !DEFAULT_FLAGS[flag] } });
    const named = Object.keys(DEFAULT_FLAGS).filter((flag) =>
      unhonouredKeys(changed(flag)).some(({ key }) => key === `runtime_flags.${flag}`),
    );
    expect(named).toEqual([
      'allow_any_sign_out_redirect_uri',
      'debug_admin_endpoints',
      'pomerium_jwt_endpoint',
      'refresh_session_at_id_token_expiration',
      'ssh_allow_direct_tcpip',
      'ssh_routes_portal',
      'ssh_upstream_tunnel',
    ]);
    expect(unhonouredKeys(globalOptions({}))).toEqual([]);
  });

  test('upstreams and addresses of other protocols are named', () => {
    const parts = { policy: undefined, position: undefined, positions: {} };
    const routes = [
      buildRoute({ from: 'https://a.test' }, { ...parts, to: [{ url: 'h2c://user:secret@up:1', weight: 0 }] }),
      buildRoute({ from: 'tcp+https://b.test:22' }, { ...parts, to: [{ url: 'tcp://up:22', weight: 0 }] }),
      buildRoute({ from: 'https://c.test', allow_upgrades: ['CONNECT', 'websocket'] }, { ...parts, to: [] }),
    ];
    const warnings = unhonouredKeys(buildOptions({}, SECRETS, {}, routes));
    expect(warnings.map(({ key }) => key)).toEqual([
      'routes[0].to',
      'routes[1].to',
      'routes[1].from',
      'routes[2].allow_upgrades',
    ]);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';
import { codesOf, optionsOf, problemsOf, recordedConfig, SECRET } from './helpers.ts';

const ROUTE =
  'routes: [{from: https://a.example.com, to: http://127.0.0.1:1, policy: [{allow: {or: [{accept: true}]}}]}]';

/** The shape of the files that `create` writes. */
const PROJECT = `
address: :8443
authenticate_service_url: https://authenticate.localhost:8443
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_scopes: [openid, profile, email, groups, offline_access]
jwt_claims_headers: {X-Email: email}
runtime_flags:
  mcp: true
  mcp_dynamic_client_registration: true
mcp_allowed_client_id_domains: [claude.ai, vscode.dev]
routes:
  - name: whoami
    from: https://whoami.localhost:8443
    to: http://mcp-servers:8080/whoami
    pass_identity_headers: true
    mcp:
      server:
        max_request_bytes: 32768
    policy:
      - allow:
          or:
            - claim/groups: staff
        deny:
          or:
            - mcp_tool: {not_in: [whoami]}
`;

const ENVIRONMENT = {
  SHARED_SECRET: SECRET,
  COOKIE_SECRET: SECRET,
  IDP_CLIENT_SECRET: 'secret',
  CERTIFICATE_FILE: '/p/cert.pem',
  CERTIFICATE_KEY_FILE: '/p/key.pem',
  DATABROKER_STORAGE_TYPE: 'file',
  DATABROKER_STORAGE_CONNECTION_STRING: 'file:///p/.mcpgw/gateway',
};

describe("a project's file", () => {
  test('is read without a problem', () => {
    expect(problemsOf(PROJECT, ENVIRONMENT)).toEqual([]);
    expect(optionsOf(PROJECT, ENVIRONMENT)).toMatchObject({
      address: ':8443',
      shared_secret: SECRET,
      idp_client_secret: 'secret',
      certificates: [{ cert: '/p/cert.pem', key: '/p/key.pem' }],
      databroker_storage_type: 'file',
      databroker_storage_connection_string: 'file:///p/.mcpgw/gateway',
      jwt_claims_headers: { 'x-email': 'email' },
      runtime_flags: { mcp: true, mcp_dynamic_client_registration: true, routes_portal: true },
      routes: [
        {
          name: 'whoami',
          to: [{ url: 'http://mcp-servers:8080/whoami', weight: 0 }],
          mcp: { server: { max_request_bytes: 32_768 } },
        },
      ],
    });
  });

  test('is read alike as JSON', () => {
    const json = JSON.stringify(
      { routes: [{ from: 'https://a.example.com', to: 'http://h:1', allow_any_authenticated_user: true }] },
      null,
      '\t',
    );
    const { options, problems } = parseConfig(json, { file: 'config.json' });
    expect(problems).toEqual([]);
    expect(options?.routes).toHaveLength(1);
  });

  test.each(['config-minimal.yaml', 'config-full.yaml'])('the recorded %s has no error', (name) => {
    const { options, problems } = parseConfig(recordedConfig(name), { file: name });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(options?.routes).toHaveLength(name === 'config-full.yaml' ? 25 : 2);
  });
});

describe('defaults', () => {
  test('are those of Pomerium', () => {
    expect(optionsOf(ROUTE)).toMatchObject({
      address: ':443',
      insecure_server: false,
      cookie_name: '_pomerium',
      cookie_expire: 50_400_000,
      databroker_storage_type: 'memory',
      pass_identity_headers: false,
      jwt_issuer_format: 'hostOnly',
      log_level: 'info',
      health_check_addr: '127.0.0.1:28080',
      default_upstream_timeout: 30_000,
      mcp_allowed_client_id_domains: [],
      runtime_flags: { mcp: true, mcp_dynamic_client_registration: false, match_any_incoming_port: true },
    });
    expect(optionsOf(ROUTE)).not.toHaveProperty('shared_secret');
    expect(optionsOf(ROUTE)).not.toHaveProperty('set_response_headers');
  });

  test('of a server route', () => {
    expect(
      optionsOf('routes: [{from: https://a.example.com, to: http://h:1, mcp: {server: {}}}]').routes[0]?.mcp,
    ).toEqual({ server: { max_request_bytes: 4096 } });
  });
});

describe('values are taken as weakly as Pomerium takes them', () => {
  test.each([
    ['insecure_server: "true"', { insecure_server: true }],
    ['insecure_server: 1', { insecure_server: true }],
    ['idp_scopes: openid,email', { idp_scopes: ['openid', 'email'] }],
    ['idp_scopes: openid', { idp_scopes: ['openid'] }],
    ['cookie_expire: 1m30s', { cookie_expire: 90_000 }],
    ['cookie_expire: 1000000000', { cookie_expire: 1000 }],
    ['Address: ":8443"', { address: ':8443' }],
    ['RUNTIME_FLAGS: {MCP: false}', { runtime_flags: expect.objectContaining({ mcp: false }) as unknown }],
    ['jwt_claims_headers: email', { jwt_claims_headers: { 'x-pomerium-claim-email': 'email' } }],
    [
      'jwt_claims_headers: [email, groups]',
      { jwt_claims_headers: { 'x-pomerium-claim-email': 'email', 'x-pomerium-claim-groups': 'groups' } },
    ],
    [
      'jwt_claims_headers: email groups',
      { jwt_claims_headers: { 'x-pomerium-claim-email': 'email', 'x-pomerium-claim-groups': 'groups' } },
    ],
    ['idp_request_params: "{\\"prompt\\":\\"login\\"}"', { idp_request_params: { prompt: 'login' } }],
    ['jwt_issuer_format: URI', { jwt_issuer_format: 'uri' }],
    ['jwt_issuer_format: IssuerHostOnly', { jwt_issuer_format: 'hostOnly' }],
    ['http_redirect_addr: "\':80\'"', { http_redirect_addr: ':80' }],
    ['grpc_address:', { rest: {} }],
    ['grpc_address: ":5443"', { rest: { grpc_address: ':5443' } }],
  ])('%s', (line, expected) => {
    expect(optionsOf(`${line}\n${ROUTE}`)).toMatchObject(expected);
  });

  test.each([
    ['insecure_server: maybe', "'insecure_server' cannot parse value as 'bool': strconv.ParseBool: invalid syntax"],
    ['cookie_expire: 14', ''],
    ['cookie_expire: 14 hours', 'time: unknown unit'],
    [
      'xff_num_trusted_hops: "-"',
      "'xff_num_trusted_hops' cannot parse value as 'uint32': strconv.ParseUint: invalid syntax",
    ],
    ['xff_num_trusted_hops: "4294967296"', 'value out of range'],
    ['idp_request_params: x', "'idp_request_params'"],
    ['certificates: [x]', `'certificates[0]' expected a map or struct, got "string"`],
    ['cookie_name: [a]', "'cookie_name' expected type 'string', got unconvertible type '[]interface {}'"],
    ['codec_type: http9', "'codec_type.Value' unsupported enum value http9 for CodecType"],
    ['jwt_claims_headers: {"a b": c}', `'jwt_claims_headers' has invalid header name "a b"`],
  ])('but not %s', (line, words) => {
    const errors = problemsOf(`${line}\n${ROUTE}`).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ pomerium }) => pomerium?.includes(words))).toEqual(words === '' ? [] : [true]);
    if (words !== '')
      expect(errors[0]?.position).toEqual({ line: 1, column: line.startsWith('certificates') ? 16 : 1 });
  });

  test('one bad value does not hide others', () => {
    const text = 'insecure_server: maybe\naddres: x\nlog_level: loud\nroutes: [{from: x, to: y, timeout: long}, 5]';
    expect(codesOf(text)).toEqual(
      expect.arrayContaining([
        'insecure_server BAD_VALUE',
        'addres UNKNOWN_KEY',
        'log_level BAD_VALUE',
        'routes[0].from BAD_FROM',
        'routes[0].to BAD_TO',
        'routes[0].timeout BAD_VALUE',
        'routes[1] BAD_VALUE',
      ]) as string[],
    );
  });
});

describe('unknown keys', () => {
  test.each([
    ['adress: x', 'adress', 'did you mean `address`?', 1, 1],
    ['routes:\n  - form: https://a.example.com', 'routes[0].form', 'did you mean `from`?', 2, 5],
    ['routes:\n  - mcp:\n      servr: {}', 'routes[0].mcp.servr', 'did you mean `server`?', 3, 7],
    [
      'routes:\n  - mcp: {server: {max_request_byte: 4}}',
      'routes[0].mcp.server.max_request_byte',
      'did you mean `max_request_bytes`?',
      2,
      20,
    ],
    [
      'routes: [{mcp: {server: {upstream_oauth2: {endpoint: {auth_uri: x}}}}}]',
      'routes[0].mcp.server.upstream_oauth2.endpoint.auth_uri',
      'did you mean `auth_url`?',
      1,
      55,
    ],
    [
      'routes: [{redirect: {hots_redirect: x}}]',
      'routes[0].redirect.hots_redirect',
      'did you mean `host_redirect`?',
      1,
      22,
    ],
    ['certificates: [{crt: x}]', 'certificates[0].crt', 'did you mean `cert`?', 1, 17],
    ['runtime_flags: {mpc: true}', 'runtime_flags.mpc', 'did you mean `mcp`?', 1, 17],
    [
      'routes: [{shared_secret: x}]',
      'routes[0].shared_secret',
      'move `shared_secret` to the top level of the file',
      1,
      11,
    ],
    ['qqqqqqqq: x', 'qqqqqqqq', 'delete `qqqqqqqq`', 1, 1],
  ])('%o', (text, path, fix, line, column) => {
    expect(problemsOf(text).find((problem) => problem.path === path)).toMatchObject({
      severity: 'error',
      fix,
      position: { line, column },
    });
  });
});

describe('syntax of other times', () => {
  test.each([
    [
      'routes: [{from: https://a.example.com, to: http://h:1, mcp: {}}]',
      'routes[0].mcp MCP_NEITHER',
      'mcp: {server: {}}',
    ],
    [
      'routes: [{from: https://a.example.com, to: http://h:1, mcp: {upstream_oauth2: {}}}]',
      'routes[0].mcp.upstream_oauth2 OLD_SYNTAX',
      'mcp: {server: {upstream_oauth2',
    ],
    [
      'routes: [{from: https://a.example.com, to: http://h:1, mcp: {pass_upstream_access_token: true}}]',
      'routes[0].mcp.pass_upstream_access_token OLD_SYNTAX',
      'mcp: {client: {}}',
    ],
    [
      'routes: [{from: https://a.example.com, to: http://h:1, pass_upstream_access_token: true}]',
      'routes[0].pass_upstream_access_token OLD_SYNTAX',
      'mcp: {client: {}}',
    ],
    ['routes: [{from: https://a.example.com, to: http://h:1, mcp: }]', 'routes[0].mcp MCP_NULL', 'mcp: {server: {}}'],
    [
      'routes: [{from: https://a.example.com, to: http://h:1, set_authorization_header: x}]',
      'routes[0].set_authorization_header REMOVED_KEY',
      'set_request_headers',
    ],
    ['idp_service_account: x', 'idp_service_account REMOVED_KEY', 'claim/groups'],
    [
      'policy: [{from: https://a.example.com, to: http://h:1, allowed_groups: [x]}]',
      'policy[0].allowed_groups REMOVED_KEY',
      'claim/groups',
    ],
  ])('%s', (text, code, fix) => {
    const problem = problemsOf(text).find((one) => `${one.path} ${one.code}` === code);
    expect(problem?.severity).toBe('error');
    expect(problem?.fix).toContain(fix);
  });

  test('`policy` at the top is the old name of `routes`', () => {
    const text = `policy: [{name: old, from: https://b.example.com, to: http://h:1}]\n${ROUTE}`;
    expect(optionsOf(text).routes.map(({ name }) => name)).toEqual(['old', undefined]);
  });
});

describe('the environment', () => {
  test.each([
    ['ADDRESS', ':9443', { address: ':9443' }],
    ['IDP_SCOPES', 'a,b', { idp_scopes: ['a', 'b'] }],
    ['RUNTIME_FLAGS', '{"mcp":false}', { runtime_flags: expect.objectContaining({ mcp: false }) as unknown }],
    ['COOKIE_EXPIRE', '1h', { cookie_expire: 3_600_000 }],
    ['PASS_IDENTITY_HEADERS', 'true', { pass_identity_headers: true }],
    ['JWT_CLAIMS_HEADERS', 'email', { jwt_claims_headers: { 'x-pomerium-claim-email': 'email' } }],
    ['HEADERS', 'X-A:1,X-B:2:3', { set_response_headers: { 'X-A': '1', 'X-B': '2:3' } }],
    ['HEADERS', '{"X-A":"1"}', { set_response_headers: { 'X-A': '1' } }],
    ['DOWNSTREAM_MTLS_CA_FILE', '/ca', { rest: { downstream_mtls: { ca_file: '/ca' } } }],
    ['MCP_ALLOWED_CLIENT_ID_DOMAINS', 'claude.ai', { mcp_allowed_client_id_domains: ['claude.ai'] }],
  ])('%s beats the file', (name, value, expected) => {
    const file =
      'address: ":1"\nidp_scopes: [x]\nruntime_flags: {mcp: true}\ncookie_expire: 2h\nset_response_headers: {X-C: 1}\njwt_claims_headers: {a: b}\n';
    expect(optionsOf(file + ROUTE, { [name]: value })).toMatchObject(expected);
  });

  test('an empty variable is not set', () => {
    expect(optionsOf(`address: ":1"\n${ROUTE}`, { ADDRESS: '' }).address).toBe(':1');
  });

  test.each(['POLICY', 'ROUTES'])('%s holds base64 of a list of routes', (name) => {
    const list = Buffer.from(
      '- {from: https://b.example.com, to: http://h:1, allow_any_authenticated_user: true}',
    ).toString('base64');
    expect(optionsOf('address: ":1"', { [name]: list }).routes.map(({ from }) => from)).toEqual([
      'https://b.example.com',
    ]);
    const [wrong] = problemsOf('address: ":1"', { [name]: 'x!' });
    expect(wrong).toMatchObject({ code: 'BAD_VALUE', message: expect.stringContaining(name) as unknown });
  });

  test('a problem names the variable instead of a place in the file', () => {
    const [problem] = problemsOf(`log_level: info\n${ROUTE}`, { LOG_LEVEL: 'loud' });
    expect(problem).toMatchObject({
      path: 'log_level',
      message: expect.stringContaining('environment variable LOG_LEVEL') as unknown,
    });
    expect(problem).not.toHaveProperty('position');
  });

  test('no problem shows a secret', () => {
    const text =
      'shared_secret: "c2VjcmV0LXZhbHVl"\ncookie_secret: "c2VjcmV0 LXZhbHVl"\nsigning_key: c2VjcmV0LXZhbHVl\nidp_client_secret: {a: c2VjcmV0LXZhbHVl}\n';
    const problems = problemsOf(text + ROUTE);
    expect(problems.length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(problems)).not.toMatch(/c2VjcmV0|secret-value/);
  });
});

describe('files that the configuration names', () => {
  const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  const files: Record<string, string> = {
    '/shared': SECRET,
    '/cookie': SECRET,
    '/idp': 'from-file',
    '/dsn': ' postgresql://h/x \n',
    '/signing': KEY,
    '/signing64': Buffer.from(KEY).toString('base64'),
    '/newline': `${SECRET}\n`,
    '/cert': '-----BEGIN CERTIFICATE-----',
    '/key': '-----BEGIN EC PRIVATE KEY-----',
  };
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
    return text;
  };
  const read = (text: string) => parseConfig(`${text}\n${ROUTE}`, { file: 'c.yaml', readFile });

  test('replace the keys of the same name', () => {
    const { options, problems } = read(
      `shared_secret: x\nshared_secret_file: /shared\ncookie_secret_file: /cookie\nidp_client_secret_file: /idp\nsigning_key_file: /signing\ndatabroker_storage_type: postgres\ndatabroker_storage_connection_string_file: /dsn`,
    );
    expect(problems).toEqual([]);
    expect(options).toMatchObject({
      shared_secret: SECRET,
      cookie_secret: SECRET,
      idp_client_secret: 'from-file',
      signing_key: KEY.trim(),
      databroker_storage_connection_string: 'postgresql://h/x',
    });
  });

  test('a signing key may be PEM or base64 of PEM', () => {
    expect(read('signing_key_file: /signing64').options?.signing_key).toBe(KEY);
    expect(read(`signing_key: ${files['/signing64']}`).options?.signing_key).toBe(KEY);
    expect(read(`signing_key: ${JSON.stringify(KEY)}`).options?.signing_key).toBe(KEY.trim());
  });

  test('certificates come as pairs of paths, or as base64', () => {
    const inline = `certificate: ${Buffer.from(files['/cert'] ?? '').toString('base64')}\ncertificate_key: ${Buffer.from(files['/key'] ?? '').toString('base64')}`;
    const { options, problems } = read(
      `certificates: [{cert: /cert, key: /key}]\ncertificate_file: /cert\ncertificate_key_file: /key\n${inline}`,
    );
    expect(problems).toEqual([]);
    expect(options?.certificates).toEqual([
      { cert: files['/cert'], key: files['/key'] },
      { cert: '/cert', key: '/key' },
      { cert: '/cert', key: '/key' },
    ]);
  });

  test.each([
    ['shared_secret_file: /nope', 'invalid shared secret: open /nope: no such file or directory'],
    ['shared_secret_file: /newline', 'invalid shared secret: shared secret contains whitespace'],
    ['certificate_file: /cert', 'bad cert file open : no such file or directory'],
    [
      'certificate_file: /key\ncertificate_key_file: /key',
      'bad cert file tls: failed to find any PEM data in certificate input',
    ],
    ['certificate: x\ncertificate_key: y', 'bad cert base64 illegal base64 data at input byte 0'],
    [
      'certificates: [{cert: /cert, key: /nope}]',
      'bad cert entry, file reference invalid. open /nope: no such file or directory',
    ],
  ])('%o is refused', (text, words) => {
    expect(read(text).options).toBeUndefined();
    expect(read(text).problems[0]?.pomerium).toBe(
      `config: options from config file "c.yaml": validation error config: ${words}`,
    );
  });

  test('keys that were read are not left over', () => {
    const { options } = read(
      'shared_secret_file: /shared\ncertificate_file: /cert\ncertificate_key_file: /key\nsigning_key_file: /signing\ngrpc_address: ":1"',
    );
    expect(options?.rest).toEqual({ grpc_address: ':1' });
  });

  test('are not looked at when they cannot be read here', () => {
    const { options, problems } = parseConfig(
      `shared_secret_file: /nope\ncertificates: [{cert: /a, key: /b}]\n${ROUTE}`,
      { file: 'c.yaml' },
    );
    expect(problems).toEqual([]);
    expect(options?.certificates).toEqual([{ cert: '/a', key: '/b' }]);
  });
});

describe('checks that Pomerium makes before it starts', () => {
  test.each([
    ['health_check_addr: nonsense', 'config : invalid health_check_addr : expected host:port'],
    ['health_check_addr: "h:x"', 'config : invalid health_check_addr : port must be a number'],
    ['metrics_address: ":0"', 'config: invalid metrics_addr: expected positive port number'],
    ['debug_address: "h:"', 'config: invalid debug_address: expected host:port'],
    ['autocert_eab_key_id: x', 'config: Autocert EAB MAC Key required when Key ID is provided'],
    ['autocert_eab_mac_key: x', 'config: Autocert EAB Key ID required when MAC Key is provided'],
    ['proxy_log_level: loud', 'config: invalid proxy_log_level: unknown log level: loud'],
    ['signout_redirect_url: x', 'config: bad signout-redirect-url x : x url does not contain a valid scheme'],
  ])('%s', (line, words) => {
    const [problem] = problemsOf(`${line}\n${ROUTE}`);
    expect(problem).toMatchObject({
      severity: 'error',
      pomerium: `config: options from config file "pomerium-config.yaml": validation error ${words}`,
    });
  });

  test.each([
    ['to: [http://h:1, tcp://h:2]', 'config: cannot mix tcp and non-tcp To URLs'],
    [
      'to: http://h:1, allow_any_authenticated_user: true, allowed_users: [x]',
      'config: policy route marked accessible for any authenticated user but contains whitelists',
    ],
    ['to: http://h:1, tls_client_cert: x', 'config: client certificate key and cert both must be non-empty'],
    [
      'to: http://h:1, depends_on: [a, b, c, d, e, f]',
      'config: depends_on is limited to 5 additional redirect hosts, got [a b c d e f]',
    ],
    [
      'redirect: {response_code: 200}',
      'config: unsupported redirect response code 200 (supported values: 301, 302, 303, 307, 308)',
    ],
  ])('route with %s', (keys, words) => {
    const problem = problemsOf(`routes: [{from: https://a.example.com, ${keys}}]`).find(
      ({ pomerium }) => pomerium !== undefined,
    );
    expect(problem?.pomerium).toBe(
      `config: options from config file "pomerium-config.yaml": validation error config: failed to parse policy: ${words}`,
    );
  });

  test.each([
    ['to: "http://h:1,5"', [{ url: 'http://h:1', weight: 5 }]],
    [
      'to: ["http://h:1,5", "http://h:2,1"]',
      [
        { url: 'http://h:1', weight: 5 },
        { url: 'http://h:2', weight: 1 },
      ],
    ],
  ])('weights: %s', (to, expected) => {
    expect(optionsOf(`routes: [{from: https://a.example.com, ${to}}]`).routes[0]?.to).toEqual(expected);
  });

  test.each(['to: "http://h:1,0"', 'to: "http://h:1,x"', 'to: ["http://h:1,5", "http://h:2"]', 'to: [""]'])(
    'no weights: %s',
    (to) => {
      expect(codesOf(`routes: [{from: https://a.example.com, ${to}}]`)).toContain('routes[0].to BAD_TO');
    },
  );
});

import { describe, expect, test } from 'vitest';
import { migrate } from '../../../src/migrate/index.ts';
import { parseConfig } from '../../../src/pomerium/index.ts';

const FILE = 'pomerium-config.yaml';

/** As the public quick start has it: the syntax before v0.30.0, with a client beside it. */
const FIRST_RELEASES = `# our gateway
autocert: true
runtime_flags:
  mcp: true
idp_qps: 10
policy:
  # notes of everybody
  - name: Notion # the wiki
    from: https://notion.corp.test
    to: http://mcp-servers:8080/notion
    mcp:
      # the integration of the workspace
      upstream_oauth2:
        client_id: "abc"
        client_secret: 'def'
        endpoint:
          auth_url: https://api.notion.com/v1/oauth/authorize
          token_url: https://api.notion.com/v1/oauth/token
          auth_style: header # Basic
    policy:
      - allow: {or: [{domain: {is: corp.test}}]}
  - from: https://who.corp.test
    to: http://mcp-servers:8080/whoami
    mcp: {}
    allowed_groups: [staff, "on call"]
  - from: https://chat.corp.test
    to: http://chat:3000
    mcp: { pass_upstream_access_token: true }
    policy: [{allow: {or: [{domain: {is: corp.test}}]}}]
`;

const TODAY = `# our gateway
autocert: true
runtime_flags:
  mcp: true
routes:
  # notes of everybody
  - name: Notion # the wiki
    from: https://notion.corp.test
    to: http://mcp-servers:8080/notion
    mcp:
      server:
        # the integration of the workspace
        upstream_oauth2:
          client_id: "abc"
          client_secret: 'def'
          endpoint:
            auth_url: https://api.notion.com/v1/oauth/authorize
            token_url: https://api.notion.com/v1/oauth/token
    policy:
      - allow: {or: [{domain: {is: corp.test}}]}
  - from: https://who.corp.test
    to: http://mcp-servers:8080/whoami
    mcp: {server: {}}
    policy:
      - allow:
          or:
            - claim/groups: "staff"
            - claim/groups: "on call"
  - from: https://chat.corp.test
    to: http://chat:3000
    mcp: {client: {}}
    policy: [{allow: {or: [{domain: {is: corp.test}}]}}]
`;

const route = (lines: string): string => `routes:\n  - from: https://a.corp.test\n    to: http://a:1\n${lines}`;

describe('migrate', () => {
  test('brings the first releases’ syntax to today’s: comments, order and quotes stay', () => {
    const { text, changes, byHand, afterwards } = migrate(FIRST_RELEASES, FILE);
    expect(text).toBe(TODAY);
    expect(byHand).toEqual([]);
    expect(changes.map(({ step }) => step)).toEqual([
      'routes-list',
      'client-route',
      'server-route',
      'server-route',
      'auth-style',
      'allowed-groups',
      'removed-keys',
    ]);
    expect(afterwards).toEqual([
      'check that the provider of Notion takes the secret in the form body',
      'the identity provider has to send the claim `groups`',
      'register this callback with its provider: https://notion.corp.test/.pomerium/mcp/client/oauth/callback',
    ]);
  });

  test('what it writes is what Pomerium starts with, which was not so before', () => {
    expect(parseConfig(FIRST_RELEASES, { file: FILE }).options).toBeUndefined();
    expect(parseConfig(TODAY, { file: FILE }).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('a second run finds nothing to do, and neither does one on a file of today', () => {
    expect(migrate(TODAY, FILE)).toEqual({ text: TODAY, changes: [], byHand: [], afterwards: [] });
  });

  test.each([
    ['mcp without a value', '    mcp:\n', '    mcp: {server: {}}\n'],
    ['mcp without a value, with a comment', '    mcp: # yes\n', '    mcp: {server: {}} # yes\n'],
    ['settings in brackets', '    mcp: {path: /x}\n', '    mcp: {server: {path: /x}}\n'],
    [
      'a key beside server',
      '    mcp:\n      server: {}\n      upstream_oauth2:\n        client_id: x\n',
      '    mcp:\n      server:\n        upstream_oauth2:\n          client_id: x\n',
    ],
    [
      'a key beside server in brackets',
      '    mcp: {server: {path: /x}, max_request_bytes: 9}\n',
      '    mcp: {server: {path: /x, max_request_bytes: 9}}\n',
    ],
    ['the client mark on the route', '    pass_upstream_access_token: true\n', '    mcp: {client: {}}\n'],
    ['the client mark switched off', '    pass_upstream_access_token: false\n', ''],
    [
      'set_authorization_header',
      '    set_authorization_header: id_token\n',
      '    set_request_headers:\n      Authorization: "Bearer ${pomerium.id_token}"\n',
    ],
  ])('%s', (_name, before, after) => {
    const { text, byHand } = migrate(route(before), FILE);
    expect(byHand).toEqual([]);
    expect(text).toBe(route(after));
    expect(migrate(text, FILE).changes).toEqual([]);
  });

  test('line ends of Windows stay', () => {
    const { text } = migrate(FIRST_RELEASES.replaceAll('\n', '\r\n'), FILE);
    expect(text).toBe(TODAY.replaceAll('\n', '\r\n'));
  });

  test('what two settings contradict, or an anchor shares, is left to a person and said', () => {
    const both = route('    allowed_groups: [a]\n    policy: [{allow: {or: [{email: {is: a@corp.test}}]}}]\n');
    const shared = `x: &m {path: /x}\n${route('    mcp: *m\n')}`;
    for (const text of [both, shared]) {
      const done = migrate(text, FILE);
      expect(done.text).toBe(text);
      expect(done.byHand).toHaveLength(1);
    }
  });

  test('client_ca moves below downstream_mtls', () => {
    expect(migrate('client_ca: abc\nclient_ca_file: /ca.pem # ours\n', FILE).text).toBe(
      'downstream_mtls:\n  ca: abc\n  ca_file: /ca.pem # ours\n',
    );
  });
});

import { expect, test } from 'vitest';
import { PROBLEM_TEXTS } from '../../src/lint/index.ts';
import type { Broken } from '../unit/lint/corpus.ts';
import { append, mcp, policy, replace } from './change.ts';
import { lintComplaints } from './diagnose.ts';
import { FAULTS } from './faults.ts';

interface Planted extends Broken {
  /** Where the file's name is what is wrong. */
  file?: string;
}

const route = (line: string): Planted => ({ config: replace('    to: ', `    ${line}\n    to: `) });
const BOMB = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  .concat(Array.from('bcdefg', (name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[i]}`).join(', ')}]`))
  .join('\n');

/** What the reader of the configuration finds beside the known faults: for each code the smallest thing that is wrong. */
const PLANTED: Readonly<Record<string, Planted>> = {
  ALIAS_BOMB: { config: append(BOMB), along: ['UNKNOWN_KEY'] },
  BAD_ALIAS: { config: append('idp_client_secret: *nobody') },
  BAD_JSON: { config: () => '{"routes": [}', file: 'config.json' },
  EMPTY_FILE: { config: () => '' },
  FILE_TOO_LARGE: { config: append(`# ${'x'.repeat(1_100_000)}`) },
  NO_MAPPING: { config: () => '- routes\n' },
  TOML: { config: () => 'autocert = true\n', file: 'config.toml' },
  TOO_DEEP: { config: append(`x: ${'['.repeat(2_000)}${']'.repeat(2_000)}`) },
  UNSUPPORTED_TYPE: { file: 'config.ini' },
  MULTIPLE_DOCS: { config: append('---\nautocert: false') },
  VARIABLE_MISSING: {
    config: replace('idp_client_id: gateway', 'idp_client_id: ${NOBODY}'),
    along: ['VARIABLE_UNEXPANDED'],
  },
  PLACEHOLDER: { config: replace('idp_client_id: gateway', 'idp_client_id: YOUR-CLIENT-ID') },
  NO_EFFECT: {
    config: mcp(
      '{server: {upstream_oauth2: {client_id: x, endpoint: {auth_url: https://a.test/a, token_url: https://a.test/t, auth_style: header}}}}',
    ),
  },
  POLICY_FILE: { config: append('policy_file: /policy.yaml') },
  UNKNOWN_FLAG: { config: append('runtime_flags: {mcpp: true}') },
  BAD_ADDRESS: { config: replace('":443"', '"443x"') },
  BAD_AUTOCERT: { config: append('autocert_eab_key_id: x') },
  BAD_CERTIFICATE: { config: append('certificate: eA==\ncertificate_key: eA==') },
  BAD_SERVICES: { config: append('services: everything') },
  BAD_SIGNING_KEY: { config: append('signing_key: eA=='), along: ['SECRET_IN_FILE'] },
  EMPTY_DOMAIN: { config: replace('[claude.ai]', '[claude.ai, ""]') },
  CLAIM_CASE: { config: policy('[{allow: {or: [{claim/Department: x}]}}]') },
  ACCESS_CONFLICT: route('allow_any_authenticated_user: true\n    allow_public_unauthenticated_access: true'),
  BAD_FROM: { config: replace('https://whoami.corp.test', 'whoami.corp.test') },
  BAD_TO: { config: replace('http://mcp-servers:8080/whoami', 'mcp-servers') },
  BAD_URL: { config: mcp('{server: {authorization_server_url: http://a.test}}') },
  DUPLICATE_ROUTE: { config: (text) => `${text}${text.slice(text.indexOf('  - from'))}`, along: ['MCP_HOST_TAKEN'] },
  FROM_PATH: { config: replace('https://whoami.corp.test', 'https://whoami.corp.test/mcp') },
  HALF_CLIENT_CERTIFICATE: route('tls_client_cert: eA=='),
  MIXED_TO: { config: replace('http://mcp-servers:8080/whoami', '[http://mcp-servers:8080, tcp://mcp-servers:8081]') },
  NO_TARGET: { config: replace(/ {4}to: .*\n/, '') },
  TWO_REWRITES: route('prefix_rewrite: /a\n    regex_rewrite_pattern: a\n    regex_rewrite_substitution: b'),
  HALF_ENDPOINT: {
    config: mcp('{server: {upstream_oauth2: {client_id: x, endpoint: {auth_url: https://a.test/a}}}}'),
    along: ['UPSTREAM_DISCOVERY_PORT'],
  },
  MCP_BOTH: { config: mcp('{server: {}, client: {}}'), along: ['CLIENT_STREAM_TIMEOUT'] },
  BAD_POLICY: { config: policy('[{permit: {or: [{accept: true}]}}]'), along: ['NO_POLICY'] },
};

test('every problem that the reader of the configuration knows is planted, here or as a known fault', () => {
  const known = FAULTS.flatMap(({ planted }) => planted.flatMap(({ finds = [] }) => finds));
  // Lint reads the two files alone; secrets in files of their own are read by `up`: test/unit/project/load.test.ts.
  const planted = new Set([...known, ...Object.keys(PLANTED), 'FILE_UNREADABLE']);
  expect(Object.keys(PROBLEM_TEXTS).filter((code) => !planted.has(code))).toEqual([]);
});

test.each(Object.entries(PLANTED))('lint names exactly %s, with a fix', (code, { file, along = [], ...broken }) => {
  const complaints = lintComplaints(broken, file);
  expect(complaints.filter(({ id }) => id !== code && !along.includes(id))).toEqual([]);
  const named = complaints.filter(({ id }) => id === code);
  expect(named).not.toEqual([]);
  for (const { fix } of named) expect(fix).not.toBe('');
});

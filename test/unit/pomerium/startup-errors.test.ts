import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/pomerium/index.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/pomerium-config');

interface StartupCase {
  case: string;
  configuration: string;
  result: 'exits' | 'keeps running';
  output: (string | { level: string; error?: string })[];
}

const CASES = JSON.parse(readFileSync(join(FIXTURES, 'startup-errors.json'), 'utf8')) as StartupCase[];

const SECRET = Buffer.alloc(32, 7).toString('base64');

/** Twelve lines that stood before each recorded configuration; the recorded line numbers count them. */
const BASE = [
  'address: 127.0.0.1:18643',
  'grpc_address: 127.0.0.1:18543',
  'health_check_addr: 127.0.0.1:18280',
  'certificates: [{cert: /etc/pomerium/leaf.crt, key: /etc/pomerium/leaf.key}]',
  'authenticate_service_url: https://auth.corp.test:18643',
  'idp_provider: oidc',
  'idp_provider_url: http://idp.corp.test:18080/realms/corp',
  'idp_client_id: pomerium',
  'idp_client_secret: secret',
  `shared_secret: ${SECRET}`,
  `cookie_secret: ${SECRET}`,
  'databroker_storage_type: memory',
];

/** Cases whose line numbers count: the base stands as it was, even where it repeats a key. */
const WITH_WHOLE_BASE = ['duplicate-yaml-key', 'yaml-tab', 'yaml-indent', 'yaml-unclosed'];

/** Nothing of the configuration: how the program was called, who holds a port, what a browser met later. */
const NOT_CONFIGURATION = new Map([
  ['missing-file', 'no text to read'],
  ['no-args', 'a call without a file'],
  ['unknown-option', 'a flag'],
  ['is-directory', 'no text to read; files of that type are tested in read-text.test.ts'],
  ['json-file', 'its text was not recorded; the same message is tested in read-text.test.ts'],
  ['port-in-use-other-process', 'a port'],
  ['login-no-idp', 'seen at sign-in; a warning at parse, tested in warnings.test.ts'],
  ['login-unknown-idp', 'seen at sign-in; a warning at parse'],
  ['login-no-idp-url', 'seen at sign-in; a warning at parse'],
  ['login-idp-unreachable', 'a network'],
  ['login-hosted', 'a network'],
]);

/** Pomerium goes on where we refuse: what was meant cannot come of it. Code of our problem, and why. */
const STRICTER = new Map([
  ['old-pass-upstream-access-token-route', ['OLD_SYNTAX', 'the key has no effect']],
  ['server-plus-stray-upstream-oauth2', ['OLD_SYNTAX', 'the key has no effect']],
  ['mcp-null', ['MCP_NULL', 'the route silently becomes a plain one']],
  ['max-request-bytes-zero', ['BAD_VALUE', 'Envoy refuses every route']],
  ['unknown-top-key', ['UNKNOWN_KEY', 'the key has no effect']],
  ['unknown-route-key', ['UNKNOWN_KEY', 'the key has no effect']],
  ['unknown-mcp-key', ['UNKNOWN_KEY', 'the key has no effect']],
  ['unknown-runtime-flag', ['UNKNOWN_FLAG', 'the flag has no effect']],
  ['insecure-ssrf-key', ['UNKNOWN_KEY', 'the key has no effect']],
  ['address-bad', ['BAD_ADDRESS', 'nothing is served']],
  ['empty-file', ['EMPTY_FILE', 'every route and session would be lost on a reload']],
]);

function textOf({ case: name, configuration }: StartupCase): string {
  if (name === 'empty-file') return '';
  const secret = name === 'hex-shared-secret' ? 'ab'.repeat(32) : SECRET;
  // The recorded text shows the escape of a line end as one.
  const text = configuration
    .replaceAll('<base64 of 32 bytes>\n"', '<base64 of 32 bytes>\\n"')
    .replaceAll('<base64 of 32 bytes>', secret);
  const own = new Set([...text.matchAll(/^(\w+):/gm)].map(([, key]) => key));
  const base = WITH_WHOLE_BASE.includes(name) ? BASE : BASE.filter((line) => !own.has(line.split(':')[0]));
  return [...base, text].join('\n');
}

/** The certificate's files exist, nothing else does. */
function readFile(path: string): string {
  if (path.startsWith('/etc/pomerium/leaf')) return '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----';
  throw new Error(`ENOENT ${path}`);
}

function fatalError({ output }: StartupCase): string | undefined {
  return output.flatMap((line) =>
    typeof line === 'object' && line.level === 'fatal' && line.error !== undefined ? [line.error] : [],
  )[0];
}

const configurations = CASES.filter(({ case: name }) => !NOT_CONFIGURATION.has(name));

describe('configurations that Pomerium was started with', () => {
  test('no recorded case is forgotten, none is listed twice', () => {
    const names = CASES.map(({ case: name }) => name);
    expect([...NOT_CONFIGURATION.keys(), ...STRICTER.keys()].filter((name) => !names.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(80);
  });

  const exits = configurations.filter(({ result }) => result === 'exits');
  test.each(exits.map((one) => [one.case, one] as const))('%s: refused with the words of Pomerium', (name, one) => {
    const { options, problems } = parseConfig(textOf(one), { file: `startup/${name}.yaml`, readFile });
    expect(options).toBeUndefined();
    expect(problems.find(({ pomerium }) => pomerium !== undefined)?.pomerium).toBe(fatalError(one));
  });

  const stricter = configurations.filter(({ case: name }) => STRICTER.has(name));
  test.each(stricter.map((one) => [one.case, one] as const))('%s: refused although Pomerium goes on', (name, one) => {
    expect(one.result).toBe('keeps running');
    const { options, problems } = parseConfig(textOf(one), { file: `startup/${name}.yaml`, readFile });
    expect(options).toBeUndefined();
    expect(
      problems.filter(({ severity }) => severity === 'error').map(({ code, pomerium }) => [code, pomerium]),
    ).toEqual([[STRICTER.get(name)?.[0], undefined]]);
  });

  const accepted = configurations.filter(({ case: name, result }) => result === 'keeps running' && !STRICTER.has(name));
  test.each(accepted.map((one) => [one.case, one] as const))('%s: accepted', (name, one) => {
    const { options, problems } = parseConfig(textOf(one), { file: `startup/${name}.yaml`, readFile });
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(options).toBeDefined();
  });
});

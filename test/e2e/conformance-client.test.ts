import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const SUITE = resolve(ROOT, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
const CLIENT = `${process.execPath} ${resolve(ROOT, 'test/conformance/client.ts')}`;

/** What each revision asks of a client; every authorization scenario of the suite is in one list or in the baseline. */
const SCENARIOS: Record<string, string[]> = {
  '2025-03-26': ['auth/2025-03-26-oauth-metadata-backcompat', 'auth/2025-03-26-oauth-endpoint-fallback'],
  '2025-11-25': [
    'initialize',
    'tools_call',
    'auth/metadata-default',
    'auth/metadata-var1',
    'auth/metadata-var2',
    'auth/metadata-var3',
    'auth/basic-cimd',
    'auth/scope-from-www-authenticate',
    'auth/scope-from-scopes-supported',
    'auth/scope-omitted-when-undefined',
    'auth/scope-step-up',
    'auth/scope-retry-limit',
    'auth/token-endpoint-auth-basic',
    'auth/token-endpoint-auth-post',
    'auth/token-endpoint-auth-none',
    'auth/pre-registration',
  ],
  '2026-07-28': [
    'tools_call',
    'request-metadata',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'json-schema-ref-no-deref',
    'auth/metadata-default',
    'auth/metadata-var1',
    'auth/metadata-var2',
    'auth/metadata-var3',
    'auth/basic-cimd',
    'auth/scope-from-www-authenticate',
    'auth/scope-from-scopes-supported',
    'auth/scope-omitted-when-undefined',
    'auth/scope-step-up',
    'auth/scope-retry-limit',
    'auth/token-endpoint-auth-basic',
    'auth/token-endpoint-auth-post',
    'auth/token-endpoint-auth-none',
    'auth/pre-registration',
    'auth/resource-mismatch',
    'auth/offline-access-scope',
    'auth/offline-access-not-supported',
    'auth/authorization-server-migration',
    'auth/iss-supported',
    'auth/iss-not-advertised',
    'auth/iss-supported-missing',
    'auth/iss-wrong-issuer',
    'auth/iss-unexpected',
    'auth/iss-normalized',
    'auth/metadata-issuer-mismatch',
  ],
};

/** Scenarios that are not run, each with its reason. All are optional extensions that no revision requires. */
const BASELINE: Record<string, string> = {
  'auth/client-credentials-jwt': 'machine-to-machine grant; Pomerium offers authorization_code and refresh_token only',
  'auth/client-credentials-basic':
    'machine-to-machine grant; Pomerium offers authorization_code and refresh_token only',
  'auth/enterprise-managed-authorization': 'ID-JAG from an enterprise identity provider; Pomerium takes none',
  'auth/dpop':
    'sender-constrained tokens; Pomerium issues bearer tokens only, and `mcpgw token` has to give one to other programs',
  'auth/dpop-nonce': 'see auth/dpop',
  'auth/wif-jwt-bearer': 'workload identity federation (jwt-bearer grant); Pomerium does not take it',
};

describe.each(Object.entries(SCENARIOS))('the official client scenarios of %s', (version, scenarios) => {
  test.concurrent.each(scenarios)('%s', async (scenario) => {
    const { code, output } = await conformance([
      'client',
      '--command',
      CLIENT,
      '--scenario',
      scenario,
      '--spec-version',
      version,
    ]);
    expect(output).toMatch(/0 failed, 0 warnings/);
    expect(code).toBe(0);
  });
});

describe('the baseline', () => {
  test('together with the lists names every authorization scenario of the suite', async () => {
    const { output } = await conformance(['list']);
    const known = [...output.matchAll(/- (auth\/[\w-]+)/g)].map((match) => match[1]);
    const named = [...Object.values(SCENARIOS).flat(), ...Object.keys(BASELINE)];
    expect(known.length).toBeGreaterThan(30);
    expect(known.filter((scenario) => !named.includes(scenario ?? ''))).toEqual([]);
  });
});

/** Runs the suite in a folder of its own: it leaves its results where it stands. */
async function conformance(args: string[]): Promise<{ code: number; output: string }> {
  const cwd = await mkdtemp(join(tmpdir(), 'mcpgw-conformance-'));
  const { promise, resolve: settle } = Promise.withResolvers<{ code: number; output: string }>();
  execFile(process.execPath, [SUITE, ...args], { cwd, encoding: 'utf8' }, (error, stdout, stderr) => {
    settle({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, output: stdout + stderr });
  });
  return promise;
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startEverythingServer, type EverythingServer } from '../conformance/everything-server.ts';
import { startForwarder, type Forwarder } from '../conformance/forwarder.ts';
import { startHttp2Forwarder } from '../conformance/http2-forwarder.ts';
import { differences, failures, runSuite, type Verdicts } from '../conformance/suite.ts';
import { startGatewayUnderTest, type GatewayUnderTest } from '../conformance/through-gateway.ts';
import { walkSignIn } from '../../src/oauth/walk.ts';
import { freePorts, ROOT } from '../helpers/program.ts';

/** Each revision on its own wire. The suite keeps requirement sets of the last two; of the others it runs what applies to them. */
const REVISIONS: Record<string, string[]> = {
  '2025-03-26': ['--suite', 'all', '--spec-version', '2025-03-26'],
  '2025-06-18': ['--suite', 'all', '--spec-version', '2025-06-18'],
  '2025-11-25': ['--requirements', '2025-11-25'],
  '2026-07-28': ['--requirements', '2026-07-28'],
};

/** Reasons by `scenario` or `scenario:check`. */
type Baseline = Record<'example_server' | 'gateway' | 'authorization_server', Record<string, string>>;

let folder: string;
let everything: EverythingServer;
let gateway: GatewayUnderTest;
let forwarders: Record<'HTTP/1.1' | 'HTTP/2', Forwarder>;
let baseline: Baseline;
/** Entries of the baseline that something failed for. */
const used = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcpgw-conformance-'));
  baseline = parse(await readFile(join(ROOT, 'test/conformance/gateway-baseline.yaml'), 'utf8')) as Baseline;
  everything = await startEverythingServer();
  gateway = await startGatewayUnderTest(folder, everything.port);
  const before = { gateway: gateway.target, accessToken: gateway.accessToken };
  forwarders = { 'HTTP/1.1': await startForwarder(before), 'HTTP/2': await startHttp2Forwarder(before) };
});

afterAll(async () => {
  await Promise.all(Object.values(forwarders).map(async (forwarder) => forwarder.close()));
  await gateway.close();
  await everything.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(REVISIONS))('the server scenarios of %s', (_revision, options) => {
  let direct: Verdicts;

  test('pass on the example server, but for the explained ones', async () => {
    direct = await runServerScenarios(everything.port, options);
    expect(unexplained(failures(direct), 'example_server')).toEqual([]);
    expect([...direct.values()].filter(({ status }) => status === 'SUCCESS').length).toBeGreaterThan(2);
  });

  test.each(['HTTP/1.1', 'HTTP/2'] as const)('go the same way through the gateway by %s', async (protocol) => {
    const through = await runServerScenarios(forwarders[protocol].port, options);
    expect(unexplained(differences(direct, through), 'gateway')).toEqual([]);
    // Whatever the suite walked away from has ended at the upstream too.
    await expect.poll(() => gateway.openStreams(), { timeout: 10_000 }).toBe(0);
  });
});

/** Without these two, a comparison of nothing with nothing would pass as well. */
describe('the comparison', () => {
  test('sees that a token which the gateway did not give gets nowhere', async () => {
    const forwarder = await startForwarder({ gateway: gateway.target, accessToken: 'made-up' });
    const verdicts = await runServerScenarios(forwarder.port, ['--scenario', 'ping', '--spec-version', '2025-11-25']);
    await forwarder.close();
    expect(failures(verdicts).get('ping:ping')).toContain('"error":"Unauthorized"');
  });

  test('sees a gateway that breaks streams off', async () => {
    const scenario = ['--scenario', 'tools-call-with-progress', '--spec-version', '2025-11-25', '--timeout', '5000'];
    const direct = await runServerScenarios(everything.port, scenario);
    const broken = await startGatewayUnderTest(await mkdtemp(join(folder, 'broken-')), everything.port, [
      'dropped-stream',
    ]);
    const forwarder = await startForwarder({ gateway: broken.target, accessToken: broken.accessToken });
    const through = await runServerScenarios(forwarder.port, scenario);
    await forwarder.close();
    await broken.close();
    expect([...differences(direct, through).keys()]).toContain('tools-call-with-progress:tools-call-with-progress');
  });
});

test('the authorization server scenarios pass on the gateway, the grant with a person who signs in', async () => {
  const [port = 0] = await freePorts(1);
  const redirectUri = `http://127.0.0.1:${port}/callback`;
  const options = ['--url', gateway.origin, '--client-id', await register(redirectUri), '--port', String(port)];
  const visits: Promise<number>[] = [];
  const verdicts = await runSuite(['authorization', ...options, '--resource', gateway.origin], {
    folder,
    authority: gateway.authority,
    onOutput: (printed) => {
      const url = /^https:\S+(?=\s)/m.exec(printed)?.[0];
      if (url !== undefined && visits.length === 0) visits.push(visit(new URL(url), redirectUri));
    },
  });
  expect(await Promise.all(visits)).toEqual([200]);
  expect(unexplained(failures(verdicts), 'authorization_server')).toEqual([]);
  expect(verdicts.get('authorization-code-grant:authorization-code-grant')?.status).toBe('SUCCESS');
  expect(verdicts.get('authorization-server-metadata-endpoint:authorization-server-metadata')?.status).toBe('SUCCESS');
});

test('every entry of the baseline has a reason, and something that fails', () => {
  const entries = Object.entries(baseline).flatMap(([part, reasons]) =>
    Object.entries(reasons).map(([entry, reason]) => [`${part} ${entry}`, reason] as const),
  );
  expect(entries.filter(([, reason]) => reason.trim().length < 20)).toEqual([]);
  expect(entries.map(([name]) => name).filter((name) => !used.has(name))).toEqual([]);
});

async function runServerScenarios(port: number, options: readonly string[]): Promise<Verdicts> {
  return runSuite(['server', '--url', `http://127.0.0.1:${port}/mcp`, ...options], { folder });
}

/** What no entry explains, as lines. */
function unexplained(found: Map<string, string>, part: keyof Baseline): string[] {
  return [...found]
    .filter(([key]) => {
      const entry = [key, key.slice(0, key.indexOf(':'))].find((name) => name in baseline[part]);
      if (entry !== undefined) used.add(`${part} ${entry}`);
      return entry === undefined;
    })
    .map(([key, how]) => `${key}  ${how}`);
}

/** A public client: the suite sends no secret to a server that takes clients without one. */
async function register(redirectUri: string): Promise<string> {
  const response = await gateway.fetch(`${gateway.origin}/.pomerium/mcp/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }),
  });
  return ((await response.json()) as { client_id: string }).client_id;
}

/** The person: signs in and is sent back to the suite. */
async function visit(start: URL, redirectUri: string): Promise<number> {
  const answer = await walkSignIn({
    start,
    redirectUri,
    user: gateway.user,
    identityProvider: new URL(gateway.identityProvider),
    server: new URL(gateway.origin),
    fetch: gateway.fetch,
    signal: AbortSignal.timeout(20_000),
  });
  return (await fetch(`${redirectUri}?${answer.toString()}`)).status;
}

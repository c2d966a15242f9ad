import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueTestCertificate, type TestCertificate } from './support/certificate.ts';
import { differences, SKIPPED } from './support/differences.ts';
import { readFixture, readRecording, recordingNames, type Recording } from './support/recordings.ts';
import { startRecordedUpstream } from './support/recorded-upstream.ts';
import { optionsOf, startTestGateway, type TestGateway } from './support/start.ts';
import { exchange } from './support/wire.ts';

/** The configuration of the recordings, and what some of them changed in it. */
const BASE = readFixture('config-full.yaml')
  .replace(/ +tls_custom_ca_file: .*\n/, '')
  .replaceAll('<base64 of 32 bytes>', Buffer.alloc(32, 7).toString('base64'));

const VARIANTS: { name: string; of: RegExp; yaml: (base: string, recording: string) => string }[] = [
  {
    name: 'max_request_bytes changed',
    of: /^maxbytes-/,
    yaml: (base, recording) => base.replace('1048576', /^maxbytes-(\d+)/.exec(recording)?.[1] ?? ''),
  },
  {
    name: 'only the tool echo permitted',
    of: /^tool-notin/,
    yaml: (base) => base.replace(/(name: Tools\n[\s\S]*?mcp_tool:\n\s+)is: secret/i, '$1not_in: [echo]'),
  },
  {
    name: 'claims as headers, named by the claim alone',
    of: /^claimsheaders-string/,
    yaml: (base) => `${base}\njwt_claims_headers: email\n`,
  },
  {
    name: 'claims as headers',
    of: /^claimsheaders-/,
    yaml: (base) => `${base}\njwt_claims_headers:\n  X-User-Email: email\n  x-groups: groups\n  x-none: nosuch\n`,
  },
  {
    name: 'preserve_host_header',
    of: /^headers-preservehost/,
    yaml: (base) => base.replace('  - name: Bare\n', '  - name: Bare\n    preserve_host_header: true\n'),
  },
  { name: 'jwt_issuer_format: uri', of: /^assertion-issuer-uri/, yaml: (base) => `${base}\njwt_issuer_format: uri\n` },
  { name: 'the MCP flag off', of: /^flagoff-/, yaml: (base) => base.replace('mcp: true', 'mcp: false') },
  {
    name: 'registration off',
    of: /^dcroff-/,
    yaml: (base) => base.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false'),
  },
];

describe('recorded exchanges of Pomerium v0.33.1', () => {
  let gateway: TestGateway;
  let upstream: Awaited<ReturnType<typeof startRecordedUpstream>>;
  let certificate: TestCertificate;
  let current = BASE;

  beforeAll(async () => {
    upstream = await startRecordedUpstream();
    certificate = await issueTestCertificate('corp.test', ['mcp.corp.test']);
    gateway = await startTestGateway({
      yaml: BASE,
      certificate,
      // Port 1 is closed, as the upstream of the route `Down` was.
      upstreams: { '127.0.0.1:18081': upstream.port, '127.0.0.1:18082': upstream.port, '127.0.0.1:18099': 1 },
    });
  });

  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  const names = recordingNames().filter((name) => !SKIPPED.has(name));

  test('there are enough of them', () => expect(names.length).toBeGreaterThan(200));

  test.each(names)('%s', async (name) => {
    const recording = readRecording(name);
    const variant = VARIANTS.find(({ of }) => of.test(name));
    const yaml = variant ? variant.yaml(BASE, name) : BASE;
    if (yaml !== current) gateway.reload(optionsOf(yaml, certificate));
    current = yaml;
    const target = { port: gateway.port, ca: gateway.ca, servername: 'mcp.corp.test' };
    const got = await exchange(target, asUser(recording));
    expect(differences(recording, got)).toEqual([]);
  });
});

/** The credentials of the day are gone; whose they were is known. */
function asUser({ name, request }: Recording): Buffer {
  const who = /^bob-|^clientroute-denied/.test(name) ? 'bob' : 'alice';
  const end = request.indexOf('\r\n\r\n');
  const head = request
    .toString('latin1', 0, end)
    .replace(/Bearer \S+~\d+/, name.startsWith('unauth-') ? 'Bearer nobody' : `Bearer ${who}`)
    .replace(/_pomerium=\S+~\d+/, `_pomerium=${who}`);
  return Buffer.concat([Buffer.from(head, 'latin1'), request.subarray(end)]);
}

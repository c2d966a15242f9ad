import { describe, expect, test } from 'vitest';
import { dnsOf, findingAt, HERE, type Place } from './world.ts';

const HOST = 'one.example.org';
const ELSEWHERE = '151.115.40.7';

function withRecords(changes: Parameters<typeof dnsOf>[0][string], place: Place = {}): Place {
  return { ...place, doors: { ...dnsOf({ [HOST]: changes }), ...place.doors } };
}

type Caa = Awaited<ReturnType<ReturnType<typeof dnsOf>['dns']['caa']>>;

function withCaa(at: string, answer: Caa['answer']): Place {
  return { doors: { dns: { ...dnsOf({}).dns, caa: async () => ({ at, answer }) } } };
}

const issueBy = (issue: string): Place => withCaa('example.org', { found: [{ critical: 0, issue }] });

describe('a healthy name', () => {
  test.each(['DNS-01', 'DNS-02', 'DNS-03', 'DNS-04', 'DNS-05', 'DNS-06', 'DNS-08'])(
    'gives %s nothing to find',
    async (id) => {
      expect((await findingAt(id)).kind).toBe('ok');
    },
  );

  test('is not looked for where a project has a local address', async () => {
    expect(await findingAt('DNS-01', { address: 'local' })).toMatchObject({
      kind: 'skipped',
      reason: 'the project has a local address: nobody outside has to find it',
    });
  });

  test('is not looked for where every host is local', async () => {
    expect((await findingAt('DNS-01', { hosts: ['mcp.localhost', 'mcp.local'] })).kind).toBe('skipped');
  });
});

describe('DNS-01', () => {
  test.each([
    ['NXDOMAIN', `${HOST} does not exist in DNS (NXDOMAIN)`],
    ['NODATA', `${HOST} has no address in DNS, neither A nor AAAA`],
    ['SERVFAIL', `the name servers of ${HOST} fail (SERVFAIL)`],
    ['SILENT', `DNS does not answer when asked for ${HOST}`],
    ['REFUSED', `the resolver refuses to look ${HOST} up`],
  ] as const)('tells %s', async (fault, text) => {
    expect(await findingAt('DNS-01', withRecords({ a: { fault }, aaaa: { fault } }))).toMatchObject({
      kind: 'failure',
      text,
    });
  });

  test('minds AAAA as an authority does', async () => {
    expect((await findingAt('DNS-01', withRecords({ aaaa: { fault: 'SERVFAIL' } }))).kind).toBe('failure');
  });

  test('is content with IPv6 alone', async () => {
    const place = withRecords({ a: { fault: 'NODATA' }, aaaa: { found: ['2a00:1450::7'] } });
    expect((await findingAt('DNS-01', place)).kind).toBe('ok');
  });

  test('works on a URL alone', async () => {
    const url = new URL(`https://${HOST}/mcp`);
    const place = withRecords({ a: { fault: 'NXDOMAIN' } }, { target: { kind: 'url', url } });
    expect((await findingAt('DNS-01', place)).kind).toBe('failure');
  });
});

describe('DNS-02', () => {
  test('tells a circle of aliases', async () => {
    const place = withRecords({ aliases: ['b.example.org', HOST], endless: true });
    expect(await findingAt('DNS-02', place)).toMatchObject({
      kind: 'failure',
      text: `the aliases of ${HOST} have no end: ${HOST} → b.example.org → ${HOST}`,
    });
  });

  test('tells an alias of a name that has gone', async () => {
    const place = withRecords({ aliases: ['old.hosting.net'], a: { fault: 'NXDOMAIN' } });
    expect(await findingAt('DNS-02', place)).toMatchObject({
      kind: 'failure',
      fix: expect.stringContaining('dig A old.hosting.net'),
    });
  });
});

test('DNS-03 tells a private address', async () => {
  expect(await findingAt('DNS-03', withRecords({ a: { found: ['192.168.1.20'] } }))).toMatchObject({
    kind: 'failure',
    text: `${HOST} leads to 192.168.1.20, which nobody outside can reach`,
  });
});

test('DNS-03 lets a private authority have private addresses', async () => {
  const config = 'autocert_ca: https://ca.example.org/acme/directory';
  expect((await findingAt('DNS-03', withRecords({ a: { found: ['192.168.1.20'] } }, { config }))).kind).toBe('ok');
});

test('DNS-04 names the proxy in front', async () => {
  expect(await findingAt('DNS-04', withRecords({ a: { found: ['104.16.3.4'] } }))).toMatchObject({
    kind: 'warning',
    text: `${HOST} stands behind Cloudflare, which ends TLS before the gateway`,
  });
});

describe('DNS-05', () => {
  test('tells a name that leads elsewhere', async () => {
    expect(await findingAt('DNS-05', withRecords({ a: { found: [ELSEWHERE] } }))).toMatchObject({
      kind: 'warning',
      text: `${HOST} leads to ${ELSEWHERE}, this machine is ${HERE}`,
    });
  });

  test('takes the router’s address for this machine’s', async () => {
    const doors = { machineAddresses: () => ['192.168.1.20'], routerAddress: async () => HERE };
    expect((await findingAt('DNS-05', { doors })).kind).toBe('ok');
  });

  test('claims nothing where nobody knows the public address', async () => {
    const doors = { machineAddresses: () => ['192.168.1.20'], routerAddress: async () => '100.64.0.9' };
    expect(await findingAt('DNS-05', withRecords({ a: { found: [ELSEWHERE] } }, { doors }))).toMatchObject({
      kind: 'ok',
      text: expect.stringContaining('does not know its public address'),
    });
  });
});

describe('DNS-06', () => {
  test('tells the AAAA record of a former machine', async () => {
    expect(await findingAt('DNS-06', withRecords({ aaaa: { found: ['2a00:1450::7'] } }))).toMatchObject({
      kind: 'failure',
      text: `${HOST} has an AAAA record of another machine: 2a00:1450::7`,
    });
  });

  test('knows its own in any way of writing', async () => {
    const doors = { machineAddresses: () => [HERE, '2a00:1450:0:0::7'] };
    expect((await findingAt('DNS-06', withRecords({ aaaa: { found: ['2a00:1450::7'] } }, { doors }))).kind).toBe('ok');
  });
});

test('DNS-07 names the host that leads elsewhere than the others', async () => {
  const hosts = [HOST, 'two.example.org', 'three.example.org'];
  const doors = dnsOf({ 'two.example.org': { a: { found: [ELSEWHERE] } } });
  expect(await findingAt('DNS-07', { hosts, doors })).toMatchObject({
    kind: 'warning',
    text: `two.example.org leads to ${ELSEWHERE}, the others to ${HERE}`,
  });
});

describe('DNS-08', () => {
  test('tells that another authority alone may issue', async () => {
    expect(await findingAt('DNS-08', issueBy('pki.goog'))).toMatchObject({
      kind: 'failure',
      text: `CAA at example.org lets only pki.goog issue for ${HOST}, not letsencrypt.org`,
      fix: '# at your DNS provider: example.org CAA 0 issue "letsencrypt.org"',
    });
  });

  test('is content when the configured authority may', async () => {
    const config = 'autocert_ca: https://dv.acme-v02.api.pki.goog/directory';
    expect((await findingAt('DNS-08', { ...issueBy('pki.goog'), config })).kind).toBe('ok');
  });

  test('takes a server that fails for a refusal', async () => {
    expect((await findingAt('DNS-08', withCaa(HOST, { fault: 'SERVFAIL' }))).kind).toBe('failure');
  });
});

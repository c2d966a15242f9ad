import { createSocket } from 'node:dgram';
import { describe, expect, onTestFinished, test } from 'vitest';
import { canonical, isPublic, proxyOf } from '../../../src/doctor/issuance/dns/addresses.ts';
import { caaNames, judgeCaa } from '../../../src/doctor/issuance/dns/caa.ts';
import { createDns, type Dns } from '../../../src/doctor/issuance/dns/records.ts';
import { routerAddress } from '../../../src/doctor/issuance/dns/router.ts';
import { RCODE, startDns, type Zone } from '../../pebble/dns-server.ts';

const { signal } = new AbortController();

async function dnsWith(zone: Zone): Promise<Dns> {
  const server = await startDns(zone);
  onTestFinished(server.stop);
  return createDns([server.address]);
}

describe('what DNS says of a host', () => {
  test('addresses of both kinds', async () => {
    const dns = await dnsWith({
      'one.example.org': [
        { name: 'one.example.org', type: 'A', value: '192.0.2.7' },
        { name: 'one.example.org', type: 'AAAA', value: '2001:db8::7' },
      ],
    });
    expect(await dns.records('one.example.org', signal)).toEqual({
      host: 'one.example.org',
      aliases: [],
      endless: false,
      a: { found: ['192.0.2.7'] },
      aaaa: { found: ['2001:db8::7'] },
    });
  });

  test('the chain of its aliases', async () => {
    const dns = await dnsWith({
      'a.example.org': [{ name: 'a.example.org', type: 'CNAME', value: 'b.example.org' }],
      'b.example.org': [{ name: 'b.example.org', type: 'CNAME', value: 'c.example.org' }],
    });
    expect(await dns.records('a.example.org', signal)).toMatchObject({
      aliases: ['b.example.org', 'c.example.org'],
      endless: false,
    });
  });

  test('a circle of aliases', async () => {
    const dns = await dnsWith({
      'a.example.org': [{ name: 'a.example.org', type: 'CNAME', value: 'b.example.org' }],
      'b.example.org': [{ name: 'b.example.org', type: 'CNAME', value: 'a.example.org' }],
    });
    expect((await dns.records('a.example.org', signal)).endless).toBe(true);
  });

  test.each([
    ['NXDOMAIN', RCODE.noSuchName],
    ['NODATA', []],
    ['SERVFAIL', RCODE.serverFailure],
    ['REFUSED', RCODE.refused],
    ['SILENT', 'silent'],
  ] as const)('tells %s from the others', async (fault, answer) => {
    const dns = await dnsWith({ 'x.example.org': typeof answer === 'object' ? [] : answer });
    expect(await dns.records('x.example.org', signal)).toMatchObject({ a: { fault }, aaaa: { fault } });
  });

  test('is given up with the run', async () => {
    const dns = await dnsWith({ 'x.example.org': 'silent' });
    const stop = new AbortController();
    const asked = dns.records('x.example.org', stop.signal);
    stop.abort(new Error('SIGINT'));
    await expect(asked).rejects.toThrow('SIGINT');
  });
});

function judge(...issue: string[]): unknown {
  return judgeCaa(
    issue.map((one) => ({ critical: 0, issue: one })),
    ['letsencrypt.org'],
  );
}

describe('CAA records', () => {
  test('count at the nearest name that has any', async () => {
    const dns = await dnsWith({
      'mcp.example.org': [],
      'example.org': [{ name: 'example.org', type: 'CAA', value: '0 issue pki.goog' }],
      org: [{ name: 'org', type: 'CAA', value: '0 issue nobody.example' }],
    });
    expect(await dns.caa('mcp.example.org', signal)).toEqual({
      at: 'example.org',
      answer: { found: [{ critical: 0, issue: 'pki.goog', type: 'CAA' }] },
    });
  });

  test('are not looked for above a name whose servers fail', async () => {
    const dns = await dnsWith({ 'mcp.example.org': RCODE.serverFailure });
    expect(await dns.caa('mcp.example.org', signal)).toEqual({ at: 'mcp.example.org', answer: { fault: 'SERVFAIL' } });
  });

  test('permit whom they name', () => {
    expect(judge('letsencrypt.org')).toEqual({ kind: 'permitted' });
    expect(judge('pki.goog', 'LetsEncrypt.org; validationmethods=http-01')).toEqual({ kind: 'permitted' });
  });

  test('permit everybody when they only speak of wildcards or of reports', () => {
    expect(
      judgeCaa(
        [
          { critical: 0, issuewild: ';' },
          { critical: 0, iodef: 'mailto:x' },
        ],
        ['letsencrypt.org'],
      ),
    ).toEqual({
      kind: 'permitted',
    });
  });

  test('refuse whom they leave out', () => {
    expect(judge('pki.goog')).toEqual({ kind: 'refused', issuers: ['pki.goog'] });
    expect(judge(';')).toEqual({ kind: 'refused', issuers: [] });
  });

  test('may permit a method that a web server has not', () => {
    expect(judge('letsencrypt.org; validationmethods=dns-01')).toEqual({ kind: 'other method', methods: ['dns-01'] });
  });

  test('may permit one account', () => {
    expect(judge('letsencrypt.org; accounturi=https://x/1')).toEqual({ kind: 'one account', account: 'https://x/1' });
  });

  test('know authorities by the host of their directory', () => {
    expect(caaNames('https://acme-staging-v02.api.letsencrypt.org/directory')).toEqual(['letsencrypt.org']);
    expect(caaNames('https://ca.internal:9000/acme/acme/directory')).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '127.0.0.1',
    '100.64.0.1',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1',
  ])('%s is not of the internet', (address) => expect(isPublic(address)).toBe(false));

  test.each(['8.8.8.8', '172.32.0.1', '2a00:1450::1'])('%s is', (address) => expect(isPublic(address)).toBe(true));

  test('of proxies are known, and their aliases', () => {
    expect(proxyOf(['104.16.1.1'], [])).toBe('Cloudflare');
    expect(proxyOf(['2606:4700::1'], [])).toBe('Cloudflare');
    expect(proxyOf(['8.8.8.8'], ['d1.cloudfront.net'])).toBe('Amazon CloudFront');
    expect(proxyOf(['8.8.8.8'], ['notcloudfront.net'])).toBeUndefined();
  });

  test('are compared in one way of writing', () => {
    expect(canonical('2001:0DB8:0:0::0007')).toBe('2001:db8::7');
    expect(canonical('fe80::1%eth0')).toBe('fe80::1');
    expect(canonical('192.0.2.7')).toBe('192.0.2.7');
  });
});

describe('a router', () => {
  test('tells its address in the internet', async () => {
    const port = await routerThat(Buffer.from([0, 128, 0, 0, 0, 0, 0, 1, 198, 51, 100, 9]));
    expect(await routerAddress('127.0.0.1', signal, { port })).toBe('198.51.100.9');
  });

  test('may refuse', async () => {
    const port = await routerThat(Buffer.from([0, 128, 0, 2, 0, 0, 0, 1, 198, 51, 100, 9]));
    expect(await routerAddress('127.0.0.1', signal, { port })).toBeUndefined();
  });

  test('may be silent', async () => {
    const port = await routerThat(undefined);
    expect(await routerAddress('127.0.0.1', signal, { port, patience: 100 })).toBeUndefined();
  });
});

async function routerThat(answer: Buffer | undefined): Promise<number> {
  const socket = createSocket('udp4');
  socket.on('message', (_question, { port }) => {
    if (answer) socket.send(answer, port, '127.0.0.1');
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void socket.close());
  return socket.address().port;
}

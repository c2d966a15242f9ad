import { describe, expect, test } from 'vitest';
import { findAddress } from '../../../src/gateway/identity/public-address.ts';
import { createFetch } from '../../../src/net/fetch.ts';
import { Bed, DOCUMENT } from './support/bed.ts';
import { challengedWith, challengedWithRedirect } from './support/discovering.ts';
import { CALLBACK } from './support/mcp-client.ts';

describe('what the gateway fetches because somebody else says so', () => {
  test.each(['http://upas.localhost/meta', 'file:///etc/passwd', 'gopher://upas.localhost/'])(
    'SS-1 metadata of an upstream is not fetched from %s',
    async (url) => {
      const { bed, status } = await challengedWith(url);
      expect(status).toBe(502);
      expect(bed.upas.asked).toEqual(['POST /']);
      expect(bed.logText).toContain('must use https');
    },
  );

  test('SS-1 nor from a host that the configuration does not name', async () => {
    const { bed, status } = await challengedWith('https://client.localhost:9443/meta');
    expect([status, bed.documents.asked]).toEqual([502, []]);
    expect(bed.logText).toContain('domain not allowed: client.localhost');
  });

  test('SS-1 a client metadata document is fetched over TLS that verifies', async () => {
    const bed = await Bed.open({ keys: 'mcp_allowed_client_id_domains: [client.localhost, untrusted.localhost]' });
    const client = bed.client();
    client.id = 'https://untrusted.localhost:9443/client.json';
    expect((await client.authorize()).status).toBe(400);
    // The server is the same and answers; its certificate is another host's.
    expect(bed.documents.asked).toEqual([]);
    client.id = client.id.replace('https:', 'http:');
    expect((await client.authorize()).status).toBe(401);
  });

  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback by another number', '127.1.2.3'],
    ['the unspecified address', '0.0.0.0'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '192.168.1.1'],
    ['the metadata service of clouds', '169.254.169.254'],
    ['multicast', '224.0.0.1'],
    ['decimal', '2130706433'],
    ['hexadecimal', '0x7f000001'],
    ['octal', '0177.0.0.1'],
    ['short', '127.1'],
    ['IPv6 loopback', '[::1]'],
    ['unique local', '[fd00::1]'],
    ['link-local', '[fe80::1]'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
    ['IPv4 in IPv6, in hexadecimal', '[::ffff:a9fe:a9fe]'],
    ['NAT64', '[64:ff9b::7f00:1]'],
  ])('SS-2 a client metadata document at %s (%s) is refused before anything is sent', async (_, host) => {
    const name = new URL(`https://${host}/`).hostname;
    const keys = `mcp_allowed_client_id_domains: ["${name}"]`;
    const bed = await Bed.open({ keys, allowPrivateMetadataHosts: false });
    const client = bed.client();
    client.id = `https://${host}:9443/client.json`;
    expect((await client.authorize()).status).toBe(400);
    expect(bed.documents.asked).toEqual([]);
    expect(bed.logText).toMatch(/has no public address/);
  });

  test('SS-2 a name that leads to a private address is refused: the address that is checked is the one that is used', async () => {
    const bed = await Bed.open({ allowPrivateMetadataHosts: false });
    const client = bed.client();
    client.id = DOCUMENT;
    expect((await client.authorize()).status).toBe(400);
    expect(bed.documents.asked).toEqual([]);
  });

  test('SS-2 is not held for addresses of carriers (100.64.0.0/10), as in Pomerium', async () => {
    // Nothing is sent: whether the address may be had is told before a connection is made.
    expect(await findAddress('100.64.0.1', false)).toBe('100.64.0.1');
  });

  test('SS-3 a redirect of a client metadata document is not followed, and a long one is not read to its end', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    client.id = DOCUMENT;
    bed.documents.handler = ({ url }, response) => {
      if (url === '/client.json') response.writeHead(302, { location: '/other.json' }).end();
      else response.end(JSON.stringify({ client_id: DOCUMENT, redirect_uris: [CALLBACK] }));
    };
    expect((await client.authorize()).status).toBe(400);
    expect(bed.documents.asked).toEqual(['GET /client.json']);
    let sent = 0;
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    bed.documents.handler = (_, response) => {
      const chunk = Buffer.alloc(1_024, 0x20);
      const timer = setInterval(() => (sent += response.write(chunk) ? chunk.length : 0), 1);
      response.on('close', () => (clearInterval(timer), resolve()));
    };
    expect((await client.authorize()).status).toBe(400);
    await stopped;
    expect(sent).toBeLessThan(1_048_576);
  });

  test('SS-3 each hop of an upstream’s metadata is checked: one to a private address is not taken', async () => {
    const { bed, status } = await challengedWithRedirect('https://127.0.0.1:1/x');
    expect(status).toBe(502);
    expect(bed.logText).toContain('127.0.0.1 has no public address');
  });

  test('SS-3 is not held for the scheme of a hop, as in Pomerium: metadata may be redirected to plain http', async () => {
    const { bed, status } = await challengedWithRedirect('http://upstream/hop');
    expect(status).toBe(502);
    expect(bed.echo.received.map(({ url }) => url)).toContain('/hop');
  });

  test('SS-3 no proxy and no credentials of the environment are used', async () => {
    const before = process.env['HTTPS_PROXY'];
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    try {
      const bed = await Bed.open();
      const client = bed.client();
      client.id = DOCUMENT;
      let sent: Record<string, unknown> = {};
      bed.documents.handler = ({ headers }, response) => {
        sent = headers;
        response.end(JSON.stringify({ client_id: DOCUMENT, redirect_uris: [CALLBACK] }));
      };
      expect((await client.authorize()).url).toContain(`${CALLBACK}?code=`);
      expect(Object.keys(sent).toSorted()).toEqual(['accept', 'connection', 'host']);
      await expect(createFetch()('http://127.0.0.1:9/')).rejects.toThrow('127.0.0.1:9');
    } finally {
      if (before === undefined) delete process.env['HTTPS_PROXY'];
      else process.env['HTTPS_PROXY'] = before;
    }
  });
});

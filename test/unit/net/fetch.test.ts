import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createFetch } from '../../../src/net/fetch.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { temporaryFolder } from '../../helpers/program.ts';

/** A server whose certificate comes from an authority of its own. */
async function privateServer(name: string): Promise<{ url: string; ca: string }> {
  const dir = await temporaryFolder('fetch');
  const now = Date.now();
  const authority = await ensureAuthority(dir, { now });
  const { certPem: cert, keyPem: key } = await ensureServerCertificate({ authority, dir, names: [name], now });
  const server = createServer({ cert, key }, (_, response) => void response.end('here')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `https://${name}:${(server.address() as AddressInfo).port}/`, ca: authority.certPem };
}

test('one that trusts an authority lends its connections to none that does not', async () => {
  const { url, ca } = await privateServer('a.localhost');
  const trusting = createFetch({ ca: [ca] });
  expect(await (await trusting(url)).text()).toBe('here');
  await expect(createFetch()(url)).rejects.toThrow(/fetch failed/);
  expect(await (await trusting(url)).text()).toBe('here');
});

test('an address is reached without a server name', async () => {
  const { url, ca } = await privateServer('127.0.0.1');
  expect(await (await createFetch({ ca: [ca] })(url)).text()).toBe('here');
});

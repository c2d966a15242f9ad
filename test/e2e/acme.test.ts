import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { folderStore } from '../../src/doctor/issuance/dry-run/challenge-store.ts';
import { dryRun, type DryRunOptions } from '../../src/doctor/issuance/dry-run/dry-run.ts';
import type { DryRunReport, Outcome } from '../../src/doctor/issuance/dry-run/report.ts';
import { createDns } from '../../src/doctor/issuance/dns/records.ts';
import { createFetch } from '../../src/net/fetch.ts';
import { addressesTaken } from '../../src/net/ports.ts';
import { freePorts, ROOT, temporaryFolder } from '../helpers/program.ts';
import { startDns } from '../pebble/dns-server.ts';
import { startFront, type Change, type Front } from '../pebble/front.ts';
import { NO_PEBBLE, startPebble, type Pebble, type PebbleOptions } from '../pebble/pebble.ts';
import { startStoreGateway } from '../pebble/store-gateway.ts';
import { findingAt, type Place } from '../unit/doctor-issuance/world.ts';

const HOST = 'one.acme.test';
const POMERIUMS_AUTHORITY = 'https://acme-v02.api.letsencrypt.org/directory';

describe.skipIf(NO_PEBBLE)(`a dry run against a real ACME server${NO_PEBBLE ? `: ${NO_PEBBLE}` : ''}`, () => {
  let pebble: Pebble;
  beforeAll(async () => {
    pebble = await startPebble();
  });
  afterAll(async () => pebble.stop());

  test('validates on two free ports', async () => {
    const front = await frontOf(pebble);
    const report = await run(pebble, { directory: front.directory });
    expect(outcomes(report)).toEqual([
      ['http-01', { kind: 'valid', means: 'listener' }],
      ['tls-alpn-01', { kind: 'valid', means: 'listener' }],
    ]);
    expectTakenBack(front, { authorizations: 2 });
    expect(await takenPorts(pebble)).toEqual([]);
  });

  test('asks for no certificate', async () => {
    const front = await frontOf(pebble);
    await run(pebble, { directory: front.directory });
    expect(front.asked.filter(({ path }) => /finalize|certZ/.test(path))).toEqual([]);
    expect(front.asked.some(({ payload }) => 'csr' in payload)).toBe(false);
  });

  test('validates on 443 while another program holds 80', async () => {
    await serveHttp(pebble.ports['http-01']);
    const report = await run(pebble);
    expect(outcomes(report)).toEqual([
      ['http-01', expect.objectContaining({ kind: 'not tried', reason: 'held' })],
      ['tls-alpn-01', { kind: 'valid', means: 'listener' }],
    ]);
  });

  test('validates on 80 while another program holds 443', async () => {
    await serveHttp(pebble.ports['tls-alpn-01']);
    const report = await run(pebble);
    expect(outcomes(report)).toEqual([
      ['http-01', { kind: 'valid', means: 'listener' }],
      ['tls-alpn-01', expect.objectContaining({ kind: 'not tried', reason: 'held' })],
    ]);
  });

  test('lets a running gateway answer both from its store, and leaves nothing there', async () => {
    const store = await temporaryFolder('store');
    const gateway = await startStoreGateway({ store, authority: POMERIUMS_AUTHORITY, ports: pebble.ports });
    onTestFinished(gateway.stop);
    const report = await run(pebble, { store: folderStore(store, POMERIUMS_AUTHORITY, Date.now) });
    expect(outcomes(report)).toEqual([
      ['http-01', { kind: 'valid', means: 'store' }],
      ['tls-alpn-01', { kind: 'valid', means: 'store' }],
    ]);
    expect(await readdir(join(store, 'acme/acme-v02.api.letsencrypt.org-directory/challenge_tokens'))).toEqual([]);
  });

  test('names a store in which nothing can be put', async () => {
    const store = join(await temporaryFolder('store'), 'file');
    await writeFile(store, '');
    await serveHttp(pebble.ports['http-01']);
    const report = await run(pebble, { store: folderStore(store, POMERIUMS_AUTHORITY, Date.now) });
    expect(outcomes(report)[0]?.[1]).toMatchObject({ kind: 'not tried', reason: 'store not writable' });
  });

  test('keeps away from a host for which the gateway itself is asking', async () => {
    const store = await temporaryFolder('store');
    const tokens = join(store, 'acme/acme-v02.api.letsencrypt.org-directory/challenge_tokens');
    await mkdir(tokens, { recursive: true });
    await writeFile(join(tokens, `${HOST}.json`), '{}');
    await serveHttp(pebble.ports['http-01']);
    const report = await run(pebble, { store: folderStore(store, POMERIUMS_AUTHORITY, Date.now) });
    expect(outcomes(report)[0]?.[1]).toMatchObject({ kind: 'not tried', reason: 'busy' });
    expect(await readdir(tokens)).toEqual([`${HOST}.json`]);
  });

  test('finds closed ports', async () => {
    const [http = 0, tls = 0] = await freePorts(2);
    // Doctor listens where nobody comes: as behind a router that forwards nothing.
    const report = await run(pebble, { ports: { 'http-01': http, 'tls-alpn-01': tls } });
    expect(types(report)).toEqual({ 'http-01': 'connection', 'tls-alpn-01': 'unauthorized' });
  });

  test('finds a name that leads to another machine', async () => {
    await pebble.teach('add-a', { host: 'other.acme.test', addresses: ['127.0.0.2'] });
    await serveHttp(pebble.ports['http-01'], '127.0.0.2');
    const report = await run(pebble, { hosts: ['other.acme.test'] });
    expect(types(report)['http-01']).toBe('unauthorized');
  });

  test('tells a refusal by CAA, at one challenge or both', async () => {
    const problem = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA record prevents issuance', status: 403 };
    const front = await frontOf(pebble, ({ path }, body) => {
      if (!path.startsWith('/authZ/') || body['status'] !== 'valid') return undefined;
      const challenges = (body['challenges'] as object[]).map((one) => ({ ...one, status: 'invalid', error: problem }));
      return { status: 200, body: { ...body, status: 'invalid', challenges } };
    });
    const report = await run(pebble, { directory: front.directory });
    expect(types(report)).toEqual({ 'http-01': 'caa', 'tls-alpn-01': 'caa' });
  });

  test('ends at a rate limit with its date, and does not wait for it', async () => {
    const front = await frontOf(pebble, ({ path }) =>
      path.startsWith('/order-plz')
        ? {
            status: 429,
            headers: { 'retry-after': '3600' },
            body: { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' },
          }
        : undefined,
    );
    const report = await run(pebble, { directory: front.directory, now: () => 1_000_000 });
    expect(outcomes(report)).toEqual([
      [
        'http-01',
        { kind: 'refused', retryAt: 4_600_000, problem: { type: 'rateLimited', detail: 'too many', status: 429 } },
      ],
    ]);
    expectTakenBack(front, { authorizations: 0 });
  });

  test('gives up on a server that never answers', async () => {
    const { server, port } = await listenSilently();
    onTestFinished(() => void server.close());
    const report = await run(pebble, { directory: `https://localhost:${port}/dir`, requestLimit: 300 });
    expect(report).toMatchObject({ kind: 'unreachable', code: 'TIMEOUT' });
  });

  test('tells a server whose certificate is not trusted', async () => {
    const { directory } = await frontOf(pebble);
    const report = await run(pebble, { directory, fetch: createFetch() });
    expect(report).toMatchObject({ kind: 'unreachable', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test('tells a server that is no ACME server', async () => {
    const port = await serveHttp(0);
    const report = await run(pebble, { directory: `http://127.0.0.1:${port}/` });
    expect(report).toMatchObject({ kind: 'unreachable', code: 'HTTP 404' });
  });
});

describe.skipIf(NO_PEBBLE)('a dry run against an ACME server with ways of its own', () => {
  test('goes on when good nonces are refused', async () => {
    const pebble = await pebbleWith({ nonceReject: 25 });
    expect(outcomes(await run(pebble)).map(([, outcome]) => outcome.kind)).toEqual(['valid', 'valid']);
  });

  test('finds a name that does not exist', async () => {
    const dns = await startDns({});
    onTestFinished(dns.stop);
    const pebble = await pebbleWith({ dns: dns.address });
    // Pebble has types of its own for it; Let's Encrypt says `dns`.
    expect(types(await run(pebble))).toEqual({ 'http-01': 'connection', 'tls-alpn-01': 'malformed' });
  });

  test('needs an account of the authority where it asks for one', async () => {
    const macKey = Buffer.from('a key of thirty-two bytes, or so').toString('base64url');
    const pebble = await pebbleWith({ externalAccounts: { 'kid-1': macKey } });
    expect(await run(pebble)).toMatchObject({ kind: 'refused', problem: { type: 'externalAccountRequired' } });
    const report = await run(pebble, { external: { keyId: 'kid-1', macKey } });
    expect(outcomes(report).map(([, outcome]) => outcome.kind)).toEqual(['valid', 'valid']);
  });

  test('takes everything back when it is stopped in the middle', async () => {
    const pebble = await pebbleWith({ delay: 15 });
    const stop = new AbortController();
    const front = await frontOf(pebble, ({ path }) => {
      if (path.startsWith('/chalZ/')) setTimeout(() => stop.abort(new Error('SIGINT')), 50);
      return undefined;
    });
    await expect(run(pebble, { directory: front.directory, signal: stop.signal })).rejects.toThrow('SIGINT');
    expect(await takenPorts(pebble)).toEqual([]);
    expectTakenBack(front, { authorizations: 1 });
  });

  test('leaves no listener when it is killed in the middle', async () => {
    const pebble = await pebbleWith({ delay: 15 });
    const file = join(await temporaryFolder('killed'), 'ca.pem');
    await writeFile(file, pebble.ca);
    const asked = JSON.stringify({ directory: pebble.directory, ports: pebble.ports, hosts: [HOST] });
    const child = spawn(process.execPath, [join(ROOT, 'test/pebble/dry-run-process.ts'), asked, file], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await expect.poll(() => takenPorts(pebble), { timeout: 15_000 }).toEqual([pebble.ports['http-01']]);
    child.kill('SIGKILL');
    await ended;
    expect(await takenPorts(pebble)).toEqual([]);
  });
});

describe.skipIf(NO_PEBBLE)('the check ISS-10', () => {
  test('tells what the named authority validated, by the configuration’s hosts', async () => {
    const pebble = await pebbleWith({});
    expect(await findingOf(pebble, {})).toMatchObject({
      kind: 'ok',
      text: `localhost validated ${HOST}`,
      evidence: [
        `asked ${pebble.directory}; no certificate was made, the account is closed`,
        expect.stringContaining('http-01 on port'),
        expect.stringContaining('tls-alpn-01 on port'),
      ],
    });
  });

  test('lets the running gateway answer from the store that the configuration names', async () => {
    const pebble = await pebbleWith({});
    const store = await temporaryFolder('store');
    const gateway = await startStoreGateway({ store, authority: POMERIUMS_AUTHORITY, ports: pebble.ports });
    onTestFinished(gateway.stop);
    const finding = await findingOf(pebble, { config: `autocert_dir: ${store}` });
    expect(finding).toMatchObject({
      kind: 'ok',
      evidence: expect.arrayContaining([expect.stringContaining('answered by the running gateway')]),
    });
  });

  test('fails with the mend when nothing reaches this machine', async () => {
    const pebble = await pebbleWith({});
    const [http = 0, tls = 0] = await freePorts(2);
    expect(await findingOf(pebble, { doors: { ports: { 'http-01': http, 'tls-alpn-01': tls } } })).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('cannot be reached from outside'),
      fix: expect.stringContaining('open it in the firewall'),
    });
  });

  test('tells a CAA record that real DNS has, before any order', async () => {
    const pebble = await pebbleWith({});
    await pebble.teach('add-caa', { host: 'acme.test', policies: [{ tag: 'issue', value: 'pki.goog' }] });
    const doors = { dns: createDns([pebble.dns]) };
    expect(await findingAt('DNS-08', { hosts: [HOST], doors })).toMatchObject({
      kind: 'failure',
      text: `CAA at acme.test lets only pki.goog issue for ${HOST}, not letsencrypt.org`,
    });
  });
});

function findingOf({ directory, ca, ports }: Pebble, { doors, ...place }: Place): ReturnType<typeof findingAt> {
  const patient = { acme: { directory, ca } };
  return findingAt('ISS-10', { hosts: [HOST], patient, ...place, doors: { ports, address: '127.0.0.1', ...doors } });
}

async function pebbleWith(options: PebbleOptions): Promise<Pebble> {
  const pebble = await startPebble(options);
  onTestFinished(pebble.stop);
  return pebble;
}

async function frontOf(pebble: Pebble, change?: Change): Promise<Front> {
  const front = await startFront(pebble, change);
  onTestFinished(front.stop);
  return front;
}

function run(pebble: Pebble, options: Partial<DryRunOptions> = {}): Promise<DryRunReport> {
  const { signal } = new AbortController();
  const { directory, fetch, ports } = pebble;
  return dryRun({ hosts: [HOST], directory, fetch, ports, address: '127.0.0.1', now: Date.now, signal, ...options });
}

function outcomes(report: DryRunReport): [string, Outcome][] {
  if (report.kind !== 'tried') throw new Error(JSON.stringify(report));
  return report.trials.map(({ type, outcome }) => [type, outcome]);
}

function types(report: DryRunReport): Record<string, string> {
  const told = outcomes(report).map(([type, outcome]) => [
    type,
    'problem' in outcome ? outcome.problem.type : outcome.kind,
  ]);
  return Object.fromEntries(told) as Record<string, string>;
}

/**
 * Each authorization that was not refused by the authority, and in the end the account. Pebble hands out former ones at random, each of which is
 * taken back as well.
 */
function expectTakenBack({ asked }: Front, { authorizations }: { authorizations: number }): void {
  const paths = asked.filter(({ payload }) => payload['status'] === 'deactivated').map(({ path }) => path);
  expect(paths.filter((path) => path.startsWith('/authZ/')).length).toBeGreaterThanOrEqual(authorizations);
  expect(paths.at(-1)).toMatch(/^\/my-account\//);
}

async function takenPorts({ ports }: Pebble): Promise<number[]> {
  const all = Object.values(ports);
  const taken = await Promise.all(all.map(async (port) => (await addressesTaken(port)).length > 0));
  return all.filter((_port, i) => taken[i]);
}

/** Another program on a port; it knows nothing of challenges. */
async function serveHttp(port: number, address = '127.0.0.1'): Promise<number> {
  const server = createHttpServer((_request, response) => response.writeHead(404).end('not here'));
  await listening(server, port, address);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function listenSilently(): Promise<{ server: Server; port: number }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
  server.on('close', () => undefined);
  await listening(server, 0);
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  return { server, port: (server.address() as AddressInfo).port };
}

async function listening(server: Server, port: number, address = '127.0.0.1'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, address, resolve);
  await promise;
}

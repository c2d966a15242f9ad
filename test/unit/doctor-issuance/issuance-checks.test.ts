import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { describe, expect, test } from 'vitest';
import type { TlsLook } from '../../../src/doctor/tls-look.ts';
import { issueAuthority, issueServerCertificate, type IssuedPair } from '../../../src/tls/x509.ts';
import { temporaryFolder } from '../../helpers/program.ts';
import { findingAt, recorded, type Place } from './world.ts';

const HOST = 'one.example.org';
const OTHER = 'two.example.org';
const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.now();

/** Somebody on a port. */
const heldBy = (command: string, port = 443): Place => ({
  doors: { holder: async (asked) => (asked === port ? { pid: 4711, command } : undefined) },
});

/** A project whose store is this folder. */
const storeAt = (folder: string): Place => ({ config: `autocert_dir: ${folder}` });

/** A project whose gateway logged what one of a recording did. */
const logged = (name: string): Place => ({ log: recorded(name), hosts: ['one.acme.test'] });

describe('ISS-01', () => {
  test('names who holds 443', async () => {
    expect(await findingAt('ISS-01', heldBy('nginx: master process'))).toMatchObject({
      kind: 'failure',
      text: 'port 443 is held by nginx: master process (pid 4711)',
      fix: 'kill 4711    # the gateway needs it',
    });
  });

  test('minds less that somebody holds 80', async () => {
    expect((await findingAt('ISS-01', heldBy('caddy run', 80))).kind).toBe('warning');
  });

  test('knows the gateway behind Docker', async () => {
    const command =
      '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 443 -container-ip 172.18.0.3 -container-port 443';
    expect(await findingAt('ISS-01', heldBy(command))).toMatchObject({
      kind: 'ok',
      text: '443: the container at 172.18.0.3 (docker-proxy, pid 4711); 80: free',
    });
  });
});

describe('ISS-02', () => {
  test('names hosts for which no public authority issues', async () => {
    expect(await findingAt('ISS-02', { hosts: [HOST, 'mcp.internal'] })).toMatchObject({
      kind: 'failure',
      text: 'no public authority issues for mcp.internal',
    });
  });

  test('lets a private authority issue for them', async () => {
    const config = 'autocert_ca: https://ca.internal:9000/acme/acme/directory';
    expect((await findingAt('ISS-02', { hosts: [HOST, 'mcp.internal'], config })).kind).toBe('ok');
  });

  test('names wildcards, of which the log says nothing', async () => {
    expect(await findingAt('ISS-02', { hosts: [HOST, '*.example.org'] })).toMatchObject({
      kind: 'warning',
      text: 'autocert gets no certificate for *.example.org',
    });
  });
});

describe('ISS-03', () => {
  test('is content with a folder that its owner can write', async () => {
    expect((await findingAt('ISS-03', storeAt(await temporaryFolder('store')))).kind).toBe('ok');
  });

  test('tells a file in its place', async () => {
    const file = join(await temporaryFolder('store'), 'autocert');
    await writeFile(file, '');
    expect(await findingAt('ISS-03', storeAt(file))).toMatchObject({ kind: 'failure', text: `${file} is no folder` });
  });

  test('tells a folder that its owner cannot write', async () => {
    const folder = await temporaryFolder('store');
    await chmod(folder, 0o500);
    const finding = await findingAt('ISS-03', storeAt(folder));
    await chmod(folder, 0o700);
    expect(finding).toMatchObject({ kind: 'failure', text: `${folder} lets its owner not write (mode 500)` });
  });

  test('waits for the first start', async () => {
    expect((await findingAt('ISS-03', storeAt('/nowhere/autocert'))).kind).toBe('skipped');
  });

  test.skipIf(getuid?.() === 0)(
    'leaves a folder that this user may not see to root (skipped as root: it sees all)',
    async () => {
      const folder = await temporaryFolder('store');
      await mkdir(join(folder, 'closed/autocert'), { recursive: true });
      await chmod(join(folder, 'closed'), 0o000);
      const finding = await findingAt('ISS-03', storeAt(join(folder, 'closed/autocert')));
      await chmod(join(folder, 'closed'), 0o700);
      expect(finding).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('sudo mcpgw doctor') });
    },
  );

  test('tells that a container keeps them for itself', async () => {
    const compose = 'services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n';
    expect(await findingAt('ISS-03', { compose, engine: 'docker' })).toMatchObject({
      kind: 'warning',
      text: 'certificates are kept in the container and go away with it',
    });
  });

  test('finds the folder that a container is given', async () => {
    const folder = await temporaryFolder('store');
    const compose = `services:\n  pomerium:\n    image: pomerium/pomerium:v0.33.1\n    volumes: ['${folder}:/data/autocert']\n`;
    expect(await findingAt('ISS-03', { compose, engine: 'docker' })).toMatchObject({
      kind: 'ok',
      evidence: [expect.stringContaining(folder)],
    });
  });
});

describe('ISS-04 to ISS-06, from the recorded log', () => {
  test('a good one gives nothing to find', async () => {
    const place = logged('success-both-challenges');
    const kinds = await Promise.all(
      ['ISS-04', 'ISS-05', 'ISS-06'].map(async (id) => (await findingAt(id, place)).kind),
    );
    expect(kinds).toEqual(['ok', 'ok', 'ok']);
  });

  test.each([
    ['problem dns (type and wording simulated)', 'the authority finds no address of one.acme.test in DNS'],
    [
      'problem caa at finalize (simulated)',
      'CAA records forbid acme-v02.api.letsencrypt.org to issue for one.acme.test',
    ],
    ['ACME CA not trusted', 'Pomerium does not trust the authority’s server'],
    ['autocert_dir full', 'the disk of the certificate store is full'],
    ['autocert_dir read-only', 'the certificate store is mounted read-only'],
    ['local names with a public CA', 'no public authority issues for mcp.local'],
    ['EAB required, none set', 'acme-v02.api.letsencrypt.org wants an account that it gave out itself'],
    ['autocert_email malformed', 'acme-v02.api.letsencrypt.org does not take the address in `autocert_email`'],
    ['ACME server accepts and never answers', 'the authority does not answer Pomerium'],
  ])('%s is a failure with its reason', async (name, text) => {
    expect(await findingAt('ISS-04', logged(name))).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining(text),
    });
  });

  test('half of the challenges failing is worth a warning', async () => {
    expect(await findingAt('ISS-04', logged('443 closed, 80 open'))).toMatchObject({
      kind: 'warning',
      text: 'one.acme.test got its certificate, though tls-alpn-01 failed',
    });
  });

  test('a rate limit is told with its end, and forgotten after it', async () => {
    const place = logged('rate limit at newOrder, Retry-After 3600 (simulated)');
    const at = (now: number): Place => ({ ...place, patient: { now: () => now } });
    expect(await findingAt('ISS-05', at(Date.UTC(2026, 10, 23, 18)))).toMatchObject({
      kind: 'failure',
      text: 'acme-v02.api.letsencrypt.org takes no more orders before 2026-11-24 05:00 UTC',
    });
    expect((await findingAt('ISS-05', at(Date.UTC(2026, 10, 24, 6)))).kind).toBe('ok');
  });

  test('failed validations are counted before a limit is reached', async () => {
    const once = recorded('ports 80 and 443 closed for the validator');
    const place = { log: [...once, ...once, ...once], hosts: ['one.acme.test'] };
    expect(await findingAt('ISS-05', place)).toMatchObject({
      kind: 'warning',
      text: expect.stringMatching(/^one\.acme\.test failed \d+ validations; Let’s Encrypt takes 5 an hour$/),
    });
  });

  test('a renewal that hangs says whom it asks', async () => {
    const all = recorded('renewal fails while running, ACME CA private; reload during it; stopped at the end');
    const log = all.filter(({ fields }) => String(fields?.['time']) < '2026-11-23T17:20');
    expect(await findingAt('ISS-06', { log, hosts: ['one.acme.test'] })).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('asks Let’s Encrypt’s staging service by now'),
    });
  });

  test('a certificate that did not reach Envoy is named', async () => {
    const name = 'renewal while running, new certificate not handed to Envoy (context canceled)';
    expect(await findingAt('ISS-06', logged(name))).toMatchObject({
      kind: 'warning',
      fix: expect.stringContaining('mcpgw restart'),
    });
  });
});

describe('what is served', () => {
  test('is the catch-all where there is no certificate', async () => {
    const pair = await issue('Pomerium PSK CA', [HOST]);
    const place = serving({ [HOST]: look(pair) });
    expect(await findingAt('ISS-07', place)).toMatchObject({
      kind: 'failure',
      text: `${HOST} is shown its catch-all, and the store has none`,
    });
    expect((await findingAt('ISS-08', place)).kind).toBe('failure');
    expect((await findingAt('ISS-09', place)).kind).toBe('skipped');
  });

  test('may be another host’s', async () => {
    const pair = await issue('R11', [OTHER]);
    expect(await findingAt('ISS-07', serving({ [HOST]: look(pair, undefined) }))).toMatchObject({
      kind: 'failure',
      text: `${HOST} is shown the certificate of ${OTHER}, and the store has none`,
    });
  });

  test('may be older than what is stored', async () => {
    const [old, fresh] = await Promise.all([issue('R11', [HOST], 60), issue('R11', [HOST], 1)]);
    const store = await storeWith(fresh.certPem);
    expect(
      await findingAt('ISS-07', { ...serving({ [HOST]: look(old, undefined) }), config: `autocert_dir: ${store}` }),
    ).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining(`${HOST} is shown an older certificate than the store has`),
      fix: expect.stringContaining('mcpgw restart'),
    });
  });

  test('is in order when it is the stored one', async () => {
    const pair = await issue('R11', [HOST]);
    const store = await storeWith(pair.certPem);
    expect(
      (await findingAt('ISS-07', { ...serving({ [HOST]: look(pair, undefined) }), config: `autocert_dir: ${store}` }))
        .kind,
    ).toBe('ok');
  });

  test('tells a stored file that holds no certificate', async () => {
    const pair = await issue('R11', [HOST]);
    const store = await storeWith('rubbish');
    expect(
      await findingAt('ISS-07', { ...serving({ [HOST]: look(pair, undefined) }), config: `autocert_dir: ${store}` }),
    ).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('holds no certificate, and is never issued again'),
    });
  });

  test.each([
    ['(STAGING) Wannabe Watercress R11', 'failure', 'Let’s Encrypt’s staging service'],
    ['Company CA', 'failure', 'a private authority'],
  ])('of %s is no use to clients of the world', async (issuer, kind, text) => {
    const pair = await issue(issuer, [HOST]);
    expect(await findingAt('ISS-08', serving({ [HOST]: look(pair) }))).toMatchObject({
      kind,
      text: expect.stringContaining(text),
    });
  });

  test('of a private authority that was asked for is only worth a warning', async () => {
    const place = {
      ...serving({ [HOST]: look(await issue('Company CA', [HOST])) }),
      config: 'autocert_ca: https://ca.example.org/dir',
    };
    expect((await findingAt('ISS-08', place)).kind).toBe('warning');
  });

  test.each([
    [10, 'ok'],
    [62, 'warning'],
    [75, 'failure'],
    [91, 'failure'],
    [-2, 'failure'],
  ])('%i days old out of 90 is %s', async (age, kind) => {
    expect(
      (await findingAt('ISS-09', serving({ [HOST]: look(await issue('R11', [HOST], age), undefined) }))).kind,
    ).toBe(kind);
  });

  test('is nothing where the port is closed', async () => {
    expect((await findingAt('ISS-07')).kind).toBe('skipped');
  });
});

test('ISS-10 is left out where it was not asked for', async () => {
  expect(await findingAt('ISS-10')).toEqual({ kind: 'skipped', reason: 'left out: --no-acme' });
});

test('no check of issuance looks at a local project', async () => {
  const ids = ['ISS-01', 'ISS-03', 'ISS-04', 'ISS-07', 'ISS-08', 'ISS-09', 'ISS-10'];
  const kinds = await Promise.all(ids.map(async (id) => (await findingAt(id, { address: 'local' })).kind));
  expect(new Set(kinds)).toEqual(new Set(['skipped']));
});

/** A certificate of 90 days, `age` days old. */
async function issue(issuer: string, names: string[], age = 1): Promise<IssuedPair> {
  const validity = { notBefore: new Date(NOW - age * DAY), notAfter: new Date(NOW + (90 - age) * DAY) };
  const authority = await issueAuthority(issuer, ['example.org'], {
    ...validity,
    notBefore: new Date(NOW - 400 * DAY),
  });
  return issueServerCertificate(authority, { dns: names, ip: [] }, validity);
}

/** `distrust` is Node's code; undefined: the chain is trusted. */
function look(
  { certPem }: IssuedPair,
  distrust: string | undefined = 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
): Partial<TlsLook> {
  return { certificate: new X509Certificate(certPem), ...(distrust === undefined ? {} : { distrust }) };
}

function serving(looks: Record<string, Partial<TlsLook>>): Place {
  return {
    hosts: Object.keys(looks),
    patient: { now: () => NOW },
    doors: { presents: async (host, port) => ({ host, port, ...looks[host] }) },
  };
}

async function storeWith(text: string): Promise<string> {
  const store = await temporaryFolder('store');
  const folder = join(store, 'certificates/acme-v02.api.letsencrypt.org-directory', HOST);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${HOST}.crt`), text);
  return store;
}

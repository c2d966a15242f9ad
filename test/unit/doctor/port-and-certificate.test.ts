import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createPlainServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadProject } from '../../../src/project/index.ts';
import { ensureAuthority, ensureServerCertificate } from '../../../src/tls/index.ts';
import { temporaryFolder } from '../../helpers/program.ts';
import { createPlace, listen, patientAt, runCheck, runningAs, startFakeGateway, type Place } from './world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const hasProc = process.platform === 'linux';

async function holdPort(port: number): Promise<void> {
  const server = createPlainServer((socket) => socket.end('no TLS here\n'));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void server.close());
}

describe('the ports', () => {
  test('free ones are well, and tell that nothing runs', async () => {
    const place = await createPlace('free');
    expect(await place.finding('PRT-01')).toEqual({
      kind: 'ok',
      text: `ports ${place.port} and ${place.idpPort} are free; the gateway is not running`,
    });
  });

  test('another program on the gateway’s port is named, with how to stop it and how to move', async ({ skip }) => {
    skip(!hasProc, 'who holds a port is known on Linux only');
    const place = await createPlace('held');
    await holdPort(place.port);
    expect(await place.finding('PRT-01')).toEqual({
      kind: 'failure',
      text: expect.stringMatching(
        new RegExp(`^port ${place.port} \\(the gateway\\) is held by .+ \\(pid ${process.pid}\\)$`),
      ) as unknown,
      fix: expect.stringMatching(
        new RegExp(`^kill ${process.pid}\n# or move this project: mcpgw up --port \\d+ --save$`),
      ) as unknown,
    });
    expect(await place.finding('GTW-01')).toEqual({ kind: 'skipped', reason: 'needs PRT-01, which failed' });
  });

  test('another program on the identity provider’s port is told before up stumbles over it', async () => {
    const place = await createPlace('idp-held');
    await holdPort(place.idpPort);
    expect(await place.finding('PRT-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining(`port ${place.idpPort} (the development identity provider) is held by`) as unknown,
    });
  });

  test('TLS with the project’s own authority is the gateway; TLS of somebody else is somebody else', async () => {
    const place = await createPlace('tls');
    await startFakeGateway(place);
    expect(await place.finding('PRT-01')).toMatchObject({
      kind: 'ok',
      text: expect.stringContaining('this project’s gateway') as unknown,
    });
    const other = await createPlace('tls-other');
    await startFakeGateway(other, { foreign: true });
    expect(await other.finding('PRT-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('is held by') as unknown,
    });
  });

  test('the engine’s own process is the gateway, whatever certificate it serves', async ({ skip }) => {
    skip(!hasProc, 'who holds a port is known on Linux only');
    const place = await createPlace('engine');
    await holdPort(place.port);
    const running = runningAs(process.pid);
    expect(await runCheck('PRT-01', patientAt(place.folder, { running }))).toMatchObject({ kind: 'ok' });
  });
});

/** Certificates as `up` leaves them. */
async function issue(place: Place, names: string[], now = Date.now()): Promise<void> {
  const authority = await ensureAuthority(join(place.folder, '.mcpgw/authority'), { domain: 'localhost', now });
  await ensureServerCertificate({ authority, dir: join(place.folder, '.mcpgw/certs'), names, now });
}

const ALL = ['whoami.localhost', 'authenticate.localhost'];
const at = (place: Place, now: number): Promise<unknown> =>
  runCheck('CRT-01', patientAt(place.folder, { now: () => now }));

describe('the certificate', () => {
  test('before the first up there is none', async () => {
    const place = await createPlace('none');
    expect(await place.finding('CRT-01')).toEqual({ kind: 'skipped', reason: 'made at the first mcpgw up' });
    expect(await place.finding('CRT-02')).toEqual({
      kind: 'skipped',
      reason: 'needs CRT-01: made at the first mcpgw up',
    });
  });

  test('of a public gateway it is not looked at', async () => {
    const place = await createPlace('public');
    await issue(place, ALL);
    const loaded = await loadProject(place.folder, {});
    const project = async (): Promise<typeof loaded> => ({
      ...loaded,
      settings: { ...loaded.settings, address: 'public' },
    });
    expect(await runCheck('CRT-01', patientAt(place.folder, { project }))).toMatchObject({ kind: 'skipped' });
  });

  test('names every host, with the days that are left', async () => {
    const place = await createPlace('well');
    await issue(place, ALL);
    expect(await place.finding('CRT-01')).toEqual({ kind: 'ok', text: '2 hosts, 395 days left', evidence: ALL });
    expect(await place.finding('CRT-02')).toMatchObject({
      kind: 'ok',
      text: 'CN=mcpgw development authority (localhost) gw',
    });
  });

  test('ends, begins too late, or is close to its end', async () => {
    const place = await createPlace('dates');
    const now = Date.now();
    await issue(place, ALL, now);
    expect(await at(place, now + 366 * DAY - HOUR)).toMatchObject({ kind: 'ok', text: '2 hosts, 30 days left' });
    expect(await at(place, now + 395 * DAY - HOUR)).toMatchObject({ kind: 'warning', text: '2 hosts, 1 day left' });
    expect(await at(place, now + 396 * DAY + HOUR)).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^the certificate ended on \w{3} /) as unknown,
    });
    expect(await at(place, now - DAY)).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('clock is wrong') as unknown,
    });
  });

  test('lacks a host that was added to the file', async () => {
    const place = await createPlace('lacks');
    await issue(place, ['authenticate.localhost']);
    expect(await place.finding('CRT-01')).toMatchObject({
      kind: 'failure',
      text: 'the certificate lacks whoami.localhost',
    });
    expect(await place.finding('CRT-02')).toEqual({ kind: 'skipped', reason: 'needs CRT-01, which failed' });
  });

  test('cannot name a host outside of the project’s domain: another host is the fix', async () => {
    const place = await createPlace('outside');
    await issue(place, ALL);
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace('from: https://whoami.localhost', 'from: https://whoami.example.com'),
    );
    expect(await place.finding('CRT-01')).toMatchObject({
      kind: 'failure',
      text: 'the project’s authority vouches for localhost and names under it, not for whoami.example.com',
      fix: 'edit pomerium-config.yaml: take a host under localhost',
    });
  });

  test('is damaged, of another authority, or has another’s key', async () => {
    const place = await createPlace('damaged');
    const file = (name: string): string => join(place.folder, '.mcpgw', name);
    await issue(place, ALL);
    const good = await readFile(file('certs/gateway.crt'), 'utf8');
    await writeFile(file('certs/gateway.crt'), 'rubbish');
    expect(await place.finding('CRT-01')).toMatchObject({
      kind: 'failure',
      text: `${file('certs/gateway.crt')} holds no certificate`,
    });

    await writeFile(file('certs/gateway.crt'), good);
    const foreign = await temporaryFolder('foreign');
    const other = await ensureAuthority(foreign, { domain: 'localhost', now: Date.now() });
    const key = await readFile(file('certs/gateway.key'), 'utf8');
    await writeFile(file('certs/gateway.key'), other.keyPem);
    expect(await place.finding('CRT-02')).toMatchObject({ text: 'the private key does not belong to the certificate' });
    await writeFile(file('certs/gateway.key'), key);

    await writeFile(file('authority/ca.pem'), other.certPem);
    expect(await place.finding('CRT-02')).toMatchObject({
      kind: 'failure',
      text: 'the certificate was signed by another authority',
    });
    await writeFile(file('authority/ca.pem'), 'rubbish');
    expect(await place.finding('CRT-02')).toMatchObject({
      text: expect.stringContaining('holds no certificate') as unknown,
    });
    await rm(file('authority/ca.pem'));
    expect(await place.finding('CRT-02')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('is missing') as unknown,
    });
  });
});

test('a port that takes connections and never says a word is not waited for beyond the limit', async () => {
  const place = await createPlace('silent');
  const silent = createPlainServer(() => undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  silent.listen(place.port, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void silent.close());
  expect(await place.finding('PRT-01')).toMatchObject({
    kind: 'failure',
    text: expect.stringContaining('is held by') as unknown,
  });
});

test('a TLS server without a certificate for anybody is not the gateway', async () => {
  const place = await createPlace('anonymous');
  await listen(createServer({}), place.port);
  expect(await place.finding('PRT-01')).toMatchObject({ kind: 'failure' });
});

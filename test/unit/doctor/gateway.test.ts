import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as doctor from '../../../src/commands/doctor.ts';
import type { Running } from '../../../src/doctor/check.ts';
import { runChecks } from '../../../src/doctor/run-checks.ts';
import {
  checkOf,
  createPlace,
  doorsOf,
  json,
  patientAt,
  runCheck,
  runningAs,
  startFakeGateway,
  twisted,
} from './world.ts';

const DAY = 86_400_000;
const RESOURCE = '/.well-known/oauth-protected-resource';

async function startProvider(issuer: (port: number) => string): Promise<number> {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    if (request.url === '/.well-known/openid-configuration') json(response, { issuer: issuer(port) });
    else response.writeHead(404).end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function lookAt(provider: string): Promise<unknown> {
  const place = await createPlace('provider');
  await startFakeGateway(place);
  await place.edit('pomerium-config.yaml', (text) =>
    text.replace(/^idp_provider_url: .*$/m, `idp_provider_url: ${provider}`),
  );
  return place.finding('SGN-01');
}

describe('the gateway', () => {
  test('that does not run is told once, and everything behind it is skipped for it', async () => {
    const place = await createPlace('down');
    const { checks, summary } = await doctor.run(place.context(), {});
    const failed = checks.filter(({ finding }) => finding.kind === 'failure');
    expect(failed.map(({ id, finding }) => [id, finding])).toEqual([
      ['GTW-01', expect.objectContaining({ text: 'the gateway is not running', fix: 'mcpgw up' })],
    ]);
    expect(summary).toMatchObject({ failed: 1, warnings: 0 });
    const behind = checks.filter(({ area }) => ['metadata', 'tools', 'token'].includes(area));
    expect(behind.map(({ finding }) => finding)).toEqual(
      behind.map(() => ({ kind: 'skipped', reason: 'needs GTW-01, which failed' })),
    );
    const silent = checks.filter(({ finding }) => finding.kind === 'skipped' && finding.reason === '');
    expect(silent).toEqual([]);
  });

  test('that behaves is well', async () => {
    const place = await createPlace('well');
    await startFakeGateway(place);
    const origin = `https://whoami.localhost:${place.port}`;
    expect(await place.finding('GTW-01')).toEqual({ kind: 'ok', text: `${origin}/ping` });
    expect(await place.finding('GTW-02')).toEqual({
      kind: 'ok',
      text: '1 route: 401 with resource_metadata',
      evidence: [`${origin}/ 401 ${origin}${RESOURCE}`],
    });
    expect(await place.finding('MET-01')).toMatchObject({ kind: 'ok' });
    expect(await place.finding('MET-02')).toMatchObject({ kind: 'ok' });
    expect(await place.finding('GTW-03')).toEqual({
      kind: 'skipped',
      reason: 'nothing was started by mcpgw up',
    });
  });

  test('with an expired certificate is not trusted, and says why', async () => {
    const place = await createPlace('expired');
    await startFakeGateway(place, { issuedAt: Date.now() - 400 * DAY });
    const { checks } = await doctor.run(place.context(), { only: ['gateway', 'certificate'] });
    const by = (id: string): unknown => checks.find((check) => check.id === id)?.finding;
    expect(by('CRT-01')).toMatchObject({ kind: 'failure', text: expect.stringContaining('ended on') as unknown });
    expect(by('GTW-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^the served certificate is not trusted: https:.*expired/) as unknown,
      fix: 'mcpgw restart    # serves the stored one, or a new one',
    });
  });

  test('with a certificate of another authority is not trusted', async () => {
    const place = await createPlace('foreign');
    await startFakeGateway(place, { foreign: true });
    // Nobody else is on the port: it is the engine's own process that serves it.
    const running = runningAs(process.pid);
    const { fetch } = doorsOf(place);
    expect(await runCheck('GTW-01', patientAt(place.folder, { running, fetch }))).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^the served certificate is not trusted: /) as unknown,
    });
  });

  test('that answers 500 is told with the status', async () => {
    const place = await twisted('/ping', (response) => response.writeHead(500).end('oops'));
    expect(await place.finding('GTW-01')).toEqual({
      kind: 'failure',
      text: `https://whoami.localhost:${place.port}/ping answered 500`,
      fix: 'mcpgw restart',
    });
  });

  test('that closes the connection is told as such', async () => {
    const place = await twisted('/ping', (response) => response.destroy());
    expect(await place.finding('GTW-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('socket hang up') as unknown,
    });
  });

  test('that hangs fails by the limit, and nothing stays open', async () => {
    let closed = false;
    const place = await twisted('/ping', (response) => response.once('close', () => (closed = true)));
    const { fetch, token } = doorsOf(place);
    const patient = patientAt(place.folder, { fetch, token });
    const { signal } = new AbortController();
    const [report] = await runChecks([checkOf('GTW-01')], patient, { signal, limit: 200 });
    expect(report?.finding).toEqual({
      kind: 'failure',
      text: 'no answer within 0.2 s',
      fix: 'mcpgw logs    # what the slow part says',
    });
    await expect.poll(() => closed).toBe(true);
  });

  test('that runs while its address is another one than the routes name: up brings it there', async () => {
    const place = await createPlace('moved');
    const running = runningAs();
    const { fetch } = doorsOf(place);
    expect(await runCheck('GTW-01', patientAt(place.folder, { running, fetch }))).toMatchObject({
      kind: 'failure',
      text: 'the gateway runs on another address than its routes name',
    });
  });

  test('tells services that are not well, and changes that are not in force', async () => {
    const place = await createPlace('services');
    const look = async (state: Running): Promise<unknown> =>
      runCheck('GTW-03', patientAt(place.folder, { running: async () => state }));
    expect(await look({ ill: [], pending: [] })).toEqual({ kind: 'ok', text: 'all of them' });
    expect(await look({ ill: [{ name: 'mine', detail: 'crashed' }], pending: ['reload the gateway'] })).toEqual({
      kind: 'failure',
      text: 'mine: crashed',
      fix: 'mcpgw up',
      evidence: ['mine: crashed', 'reload the gateway'],
    });
    expect(await look({ ill: [{ name: 'mine', detail: 'crashed' }], pending: [] })).toMatchObject({
      fix: 'mcpgw logs mine',
    });
    expect(await look({ ill: [], pending: ['reload the gateway'] })).toMatchObject({
      kind: 'warning',
      text: 'not in force: reload the gateway',
      fix: 'mcpgw up',
    });
  });
});

describe('the challenge of a route', () => {
  test.each([
    [200, /without asking anybody to sign in/, /^edit the policy in pomerium-config.yaml at line \d+\nmcpgw up$/],
    [404, /does not know the route whoami/, /^mcpgw up$/],
    [401, /401 without resource_metadata/, /^mcpgw restart$/],
    [503, /answers 503 where 401 is due/, /^mcpgw logs gateway$/],
  ])('in place of which %d comes', async (status, text, fix) => {
    const place = await twisted('/', (response) => response.writeHead(status).end());
    expect(await place.finding('GTW-02')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(text) as unknown,
      fix: expect.stringMatching(fix) as unknown,
    });
    expect(await place.finding('MET-01')).toEqual({ kind: 'skipped', reason: 'needs GTW-02, which failed' });
  });

  test('is not asked of a route that everybody may use', async () => {
    const place = await createPlace('public');
    await startFakeGateway(place);
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace(/^ {4}policy:\n(?: {6}.*\n)+/m, '    allow_public_unauthenticated_access: true\n'),
    );
    expect(await place.finding('GTW-02')).toEqual({ kind: 'skipped', reason: 'no MCP route asks for a sign-in' });
  });
});

describe('the identity provider', () => {
  test('answers under its own name', async () => {
    const port = await startProvider((own) => `http://idp.localhost:${own}`);
    expect(await lookAt(`http://idp.localhost:${port}`)).toEqual({ kind: 'ok', text: `http://idp.localhost:${port}` });
  });

  test('that calls itself otherwise, by one slash, is told', async () => {
    const port = await startProvider((own) => `http://idp.localhost:${own}/`);
    expect(await lookAt(`http://idp.localhost:${port}`)).toMatchObject({
      kind: 'failure',
      text: `it calls itself http://idp.localhost:${port}/, and idp_provider_url is http://idp.localhost:${port}`,
    });
  });

  test('that is no provider, or not there, is told with the URL', async () => {
    const port = await startProvider(() => 'x');
    expect(await lookAt(`http://idp.localhost:${port}/realm`)).toMatchObject({
      text: `http://idp.localhost:${port}/realm/.well-known/openid-configuration answered 404`,
    });
    expect(await lookAt('http://idp.localhost:1')).toMatchObject({
      kind: 'failure',
      text: expect.stringContaining('ECONNREFUSED') as unknown,
    });
  });

  test('of the user’s own is not signed in at', async () => {
    const place = await createPlace('own');
    await startFakeGateway(place);
    await place.edit('docker-compose.yaml', (text) => text.replace(/^ {2}idp:(?: \{.*\}\n|\n {4}.*\n)/m, ''));
    expect(await runCheck('SGN-02', patientAt(place.folder))).toEqual({
      kind: 'skipped',
      reason: 'only the development identity provider can be tried without a person',
    });
  });
});

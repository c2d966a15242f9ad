import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createPlainServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Finding, Patient } from '../../../src/doctor/check.ts';
import { createPlace, patientAt, runCheck, runningAs } from './world.ts';

/** Looks at a project whose one server answers everything so; nobody has to sign in. */
async function look(id: string, answer: (response: ServerResponse) => void): Promise<Finding> {
  const server = createServer((request, response) => {
    request.resume();
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const place = await createPlace('hidden');
  const fetch: Patient['fetch'] = async () => async (_, init) => globalThis.fetch(url, init);
  return runCheck(id, patientAt(place.folder, { fetch, token: async () => 'a-token' }));
}

describe('a guard against DNS rebinding', () => {
  test.each([
    [421, 'Invalid Host header'],
    [403, '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Invalid Host: mcp-servers"},"id":null}'],
  ])('that refuses the gateway with %i is told, with both ways out', async (status, text) => {
    expect(await look('TOL-08', (response) => response.writeHead(status).end(text))).toMatchObject({
      kind: 'failure',
      fix: expect.stringMatching(/at line \d+: preserve_host_header: true\nmcpgw up\n# or allow the name/) as unknown,
      evidence: [text],
    });
  });

  test.each([
    [200, '{"jsonrpc":"2.0","id":1,"result":{"content":"Invalid Host"}}'],
    [500, 'oops'],
  ])('is not seen in a %i that says something else', async (status, text) => {
    expect(await look('TOL-08', (response) => response.writeHead(status).end(text))).toMatchObject({ kind: 'ok' });
  });
});

test.each([
  [{}, 'whoami: no, enable CORS in the server if one has to'],
  [{ 'access-control-allow-origin': '*' }, 'whoami: they may'],
])('whether a page may read the answers with %j is told, and is no fault', async (headers, text) => {
  expect(await look('TOL-09', (response) => response.writeHead(200, headers).end('{}'))).toEqual({ kind: 'ok', text });
});

test('two programs that share the port are told by name, with the one to end', async ({ skip }) => {
  skip(process.platform !== 'linux', 'who holds a port is known on Linux only');
  const place = await createPlace('shared');
  const patient = patientAt(place.folder, { running: runningAs(process.pid) });
  const server = createPlainServer();
  server.listen({ host: '127.0.0.1', port: place.port, reusePort: true });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect(await runCheck('PRT-04', patient)).toEqual({ kind: 'ok', text: `port ${place.port}` });

  const listen = `require('net').createServer().listen({host:'127.0.0.1',port:${place.port},reusePort:true},()=>console.log('up'))`;
  const second = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void second.kill());
  await once(second.stdout, 'data');
  expect(await runCheck('PRT-04', patient)).toMatchObject({
    kind: 'failure',
    text: expect.stringContaining(`(pid ${second.pid})`) as unknown,
    fix: expect.stringMatching(new RegExp(`^kill ${second.pid} `)) as unknown,
  });
});

describe('an upstream’s provider that is asked with the gateway’s callback', () => {
  const ENDPOINT = 'endpoint: { auth_url: https://provider.test/authorize, token_url: https://provider.test/token }';

  async function ask(answer: (url: URL) => Response): Promise<Finding> {
    const place = await createPlace('provider');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace('server: {}', `server: { upstream_oauth2: { client_id: mine, ${ENDPOINT} } }`),
    );
    const fetch: Patient['fetch'] = async () => async (input) =>
      answer(new URL(input instanceof Request ? input.url : input));
    return runCheck('UPS-07', patientAt(place.folder, { fetch }));
  }

  test('is asked about this client and the address of this release', async () => {
    const asked: URL[] = [];
    await ask((url) => {
      asked.push(url);
      return new Response();
    });
    const params = asked.find(({ search }) => search !== '')?.searchParams;
    expect(params?.get('client_id')).toBe('mine');
    expect(params?.get('redirect_uri')).toMatch(
      /^https:\/\/whoami\.localhost:\d+\/\.pomerium\/mcp\/client\/oauth\/callback$/,
    );
  });

  test.each<[string, ResponseInit, string]>([
    ['its page to sign in', { status: 302, headers: { location: '/login?return_to=x' } }, 'ok'],
    ['its page of an error', { status: 302, headers: { location: '/signin/oauth/error?authError=x' } }, 'failure'],
    ['a refusal', { status: 400 }, 'failure'],
    ['an answer to another place', { status: 302, headers: { location: 'https://other.test/error' } }, 'ok'],
  ])('and shows %s', async (_, init, kind) => {
    const finding = await ask(() => new Response(null, init));
    expect(finding.kind).toBe(kind);
    if (finding.kind === 'failure')
      expect(finding.fix).toMatch(/^register at the provider: https:.*\/client\/oauth\/callback$/);
  });
});

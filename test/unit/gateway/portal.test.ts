import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConnectOutcome } from '../../../src/gateway/upstream-oauth/index.ts';
import type { CompiledRoute } from '../../../src/pomerium/index.ts';
import { issueTestCertificate } from './support/certificate.ts';
import { BASE } from './support/main-route.ts';
import { startTestGateway, type TestGateway } from './support/start.ts';
import { exchange, type WireResponse } from './support/wire.ts';

const YAML = `${BASE}routes:
  - name: Notes
    description: "Notes & <more>"
    logo_url: https://logo.test/notes.svg
    from: https://notes.localhost:8443
    to: http://upstream:80
    mcp: {server: {path: /mcp}}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
  - from: https://app.localhost:8443
    to: http://upstream:80
    mcp: {client: {}}
    policy: [{allow: {or: [{authenticated_user: true}]}}]
  - from: https://wiki.localhost:8443
    to: http://upstream:80
    prefix: /docs
    policy: [{allow: {or: [{email: {is: bob@example.com}}]}}]
  - from: https://wiki.localhost:8443
    to: http://upstream:80
    prefix: /old
    policy: [{allow: {or: [{email: {is: bob@example.com}}]}}]
  - name: Complex
    from: https://complex.localhost:8443
    to: http://upstream:80
    policy: [{allow: {and: [{authenticated_user: true}, {domain: {is: company.com}}]}}]
  - name: Groups
    from: https://groups.localhost:8443
    to: http://upstream:80
    policy: [{allow: {or: [{groups: {has: admins}}]}}]
  - name: Refused
    from: https://refused.localhost:8443
    to: http://upstream:80
    policy: [{allow: {or: [{authenticated_user: true}]}, deny: {or: [{authenticated_user: true}]}}]
`;

let gateway: TestGateway;
let connected: Set<string>;
let outcome: ConnectOutcome;
let disconnected: string[];
let failure: Error | undefined;

const nameOf = ({ route }: CompiledRoute): string => route.name ?? '';

beforeAll(async () => {
  const certificate = await issueTestCertificate('localhost', ['notes.localhost', 'app.localhost']);
  gateway = await startTestGateway({ yaml: YAML, certificate });
  Object.assign(gateway.identity.upstream, {
    connected: (userId: string, route: CompiledRoute) => {
      if (failure) throw failure;
      return connected.has(`${userId} ${nameOf(route)}`);
    },
    connect: async () => (failure ? Promise.reject(failure) : Promise.resolve(outcome)),
    disconnect: (userId: string, routes: CompiledRoute[]) => {
      disconnected.push(...routes.map((route) => `${userId} ${nameOf(route)}`));
    },
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  connected = new Set();
  outcome = { kind: 'connected' };
  disconnected = [];
  failure = undefined;
});

async function ask(who: string, host: string, path: string, body?: string): Promise<WireResponse> {
  const head = [
    `${body === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1`,
    `Host: ${host}.localhost:8443`,
    'Accept: application/json',
    ...(who === '' ? [] : [`Cookie: _pomerium=${who}`]),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    'Connection: close',
  ].join('\r\n');
  const target = { port: gateway.port, ca: gateway.ca, servername: 'notes.localhost' };
  return exchange(target, `${head}\r\n\r\n${body ?? ''}`);
}

async function portal(who: string): Promise<Record<string, unknown>[]> {
  const response = await ask(who, 'app', '/.pomerium/api/v1/routes');
  return (JSON.parse(response.body.toString()) as { routes: Record<string, unknown>[] }).routes;
}

describe('the routes portal', () => {
  test('shows each user what the simple rules let them see', async () => {
    expect((await portal('alice')).map(({ name }) => name)).toEqual(['Notes', 'app', 'Refused']);
    expect((await portal('bob')).map(({ name }) => name)).toEqual(['app', 'wiki-docs', 'wiki-old', 'Refused']);
  });

  test('tells what a server is and whether its upstream is connected', async () => {
    const notes = { name: 'Notes', type: 'mcp', from: 'https://notes.localhost:8443', description: 'Notes & <more>' };
    const link =
      'https://notes.localhost:8443/.pomerium/mcp/connect?redirect_url=https%3A%2F%2Fnotes.localhost%3A8443%2F.pomerium%2Froutes';
    const logo_url = 'https://logo.test/notes.svg';
    const id: unknown = expect.stringMatching(/^[0-9a-f]{16}$/);
    expect((await portal('alice'))[0]).toEqual({ ...notes, id, logo_url, mcp_connect_url: link });
    connected.add('alice Notes');
    expect((await portal('alice'))[0]).toMatchObject({ mcp_connected: true, mcp_connect_url: link });
    expect((await portal('alice'))[1]).toMatchObject({ name: 'app', type: 'http' });
  });

  test('is a page that reads without a script, and breaks out of nothing', async () => {
    const html = (await ask('alice', 'app', '/.pomerium/routes')).body.toString();
    expect(html).toContain('Signed in as alice@company.com.');
    expect(html).toContain('<a href="https://notes.localhost:8443">Notes</a>');
    expect(html).toContain('Notes &amp; &lt;more&gt;');
    expect(html).toContain('>Connect Notes</a>');
    expect(html).not.toContain('<more>');
    const data = /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)?.[1] ?? '';
    expect(JSON.parse(data)).toMatchObject({
      page: 'Routes',
      user: { id: 'alice' },
      routes: [{ name: 'Notes' }, { name: 'app' }, { name: 'Refused' }],
    });
    connected.add('alice Notes');
    const after = (await ask('alice', 'app', '/.pomerium/routes')).body.toString();
    expect(after).not.toContain('>Connect Notes</a>');
  });

  test('wants a signed-in user', async () => {
    expect((await ask('', 'app', '/.pomerium/routes')).status).toBe(401);
    expect((await ask('', 'app', '/.pomerium/api/v1/routes')).status).toBe(401);
  });
});

describe('the list of servers', () => {
  test('has the advertised address, and whether this user is connected', async () => {
    connected.add('alice Notes');
    const [notes] = (
      JSON.parse((await ask('alice', 'app', '/.pomerium/mcp/routes')).body.toString()) as { servers: object[] }
    ).servers;
    expect(notes).toEqual({
      name: 'Notes',
      description: 'Notes & <more>',
      logo_url: 'https://logo.test/notes.svg',
      url: 'https://notes.localhost:8443/mcp',
      connected: true,
      needs_oauth: true,
    });
    const forBob = (await ask('bob', 'app', '/.pomerium/mcp/routes')).body.toString();
    expect(JSON.parse(forBob)).toMatchObject({ servers: [{ name: 'Notes', connected: false }] });
  });

  test('a store that cannot be asked is a 500 that names the request', async () => {
    failure = new Error('disk I/O error');
    const response = await ask('alice', 'app', '/.pomerium/mcp/routes');
    expect(response.status).toBe(500);
    const id = response.headers.get('x-request-id');
    expect(response.body.toString()).toBe(`Internal error. Check logs for request ID: ${id}\n`);
    expect(gateway.log.find(({ error }) => String(error).includes('disk I/O error'))).toMatchObject({
      'request-id': id,
    });
    const disconnect = await ask(
      'alice',
      'app',
      '/.pomerium/mcp/routes/disconnect',
      '{"routes":["https://notes.localhost"]}',
    );
    expect(`${disconnect.status} ${disconnect.body.toString()}`).toBe('500 internal server error\n');
  });
});

/** Where `connect` leads, or what it says. */
async function to(redirect: string, host = 'notes'): Promise<string> {
  const response = await ask('alice', host, `/.pomerium/mcp/connect?redirect_url=${encodeURIComponent(redirect)}`);
  return `${response.status} ${response.headers.get('location') ?? response.body.toString().trim()}`;
}

describe('connect', () => {
  test('returns to the address as it was given', async () => {
    expect(await to('https://app.localhost:8443/done?b=2&a=%C3%A9#end')).toBe(
      '302 https://app.localhost:8443/done?b=2&a=%C3%A9#end',
    );
  });

  test('goes to the upstream first', async () => {
    outcome = { kind: 'redirect', url: 'https://provider.test/authorize?a=1' };
    expect(await to('https://app.localhost:8443/done')).toBe('302 https://provider.test/authorize?a=1');
  });

  test('says that it failed in a parameter, and keeps the others', async () => {
    outcome = { kind: 'failed' };
    expect(await to('https://app.localhost:8443/done?z=1&a=2')).toMatch(
      /^302 https:\/\/app\.localhost:8443\/done\?a=2&connect_error=MCP\+connection\+failed\.[^&]*&z=1$/,
    );
  });

  test('on the host of no server it returns at once', async () => {
    outcome = { kind: 'failed' };
    expect(await to('https://app.localhost:8443/done', 'app')).toBe('302 https://app.localhost:8443/done');
  });

  test.each([
    'http://app.localhost:8443/',
    'https://elsewhere.test/',
    'https://app.localhost.elsewhere.test/',
    'https://app.localhost@elsewhere.test/',
    'https://wiki.localhost:8443/',
    '//app.localhost:8443/',
    '/done',
    'javascript:alert(1)',
    'https:///app.localhost/',
    '',
  ])('refuses to return to %j', async (redirect) => {
    expect(await to(redirect)).toBe('400 invalid request');
  });

  test('a failure inside is a bare 500', async () => {
    failure = new Error('the store is away');
    expect(await to('https://app.localhost:8443/')).toBe('500 internal server error');
  });
});

const send = async (body: string, who = 'alice') => ask(who, 'app', '/.pomerium/mcp/routes/disconnect', body);

describe('disconnect', () => {
  test('forgets the tokens for the hosts, whatever their port, and skips what is none', async () => {
    const routes = [
      'https://notes.localhost:8443',
      'https://NOTES.localhost/x',
      'https://app.localhost',
      'nonsense',
      '',
    ];
    const response = await send(JSON.stringify({ routes }));
    expect(response.status).toBe(200);
    expect(JSON.parse(response.body.toString())).toMatchObject({ servers: [{ name: 'Notes', connected: false }] });
    expect(disconnected).toEqual(['alice Notes']);
  });

  test.each([
    ['nothing', '', 'invalid request body'],
    ['no JSON', '{', 'invalid request body'],
    ['a list', '[]', 'invalid request body'],
    ['a text for the list', '{"routes":"https://notes.localhost"}', 'invalid request body'],
    ['a number in the list', '{"routes":[1]}', 'invalid request body'],
    ['null', 'null', 'no routes provided'],
    ['no list', '{}', 'no routes provided'],
    ['an empty list', '{"routes":[]}', 'no routes provided'],
  ])('%s is a 400', async (_, body, text) => {
    const response = await send(body);
    expect(`${response.status} ${response.body.toString()}`).toBe(`400 ${text}\n`);
    expect(disconnected).toEqual([]);
  });

  test('a stranger gets a 500, as from Pomerium', async () => {
    const response = await send('{"routes":["https://notes.localhost"]}', '');
    expect(`${response.status} ${response.body.toString()}`).toBe('500 internal server error\n');
  });
});

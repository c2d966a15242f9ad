import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFetch, type Fetch } from '../../src/net/fetch.ts';
import { Person } from '../helpers/person.ts';
import { freePorts, mcpgw, PROGRAM, type Ran } from '../helpers/program.ts';

/** An application behind a client route: tells what it was given, and calls whoami with the token in it. */
const APPLICATION = `const { createServer } = require('node:http');
const { request } = require('node:https');
const ca = require('node:fs').readFileSync('../.mcpgw/certs/ca.pem');
const port = Number(process.env.GATEWAY_PORT);
const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami', arguments: {} } });
createServer((incoming, outgoing) => {
  const headers = {
    host: 'whoami.localhost:' + port, accept: 'application/json, text/event-stream', 'content-type': 'application/json',
    'content-length': Buffer.byteLength(message), authorization: incoming.headers.authorization || '',
  };
  const call = request({ host: '127.0.0.1', port, servername: 'whoami.localhost', ca, method: 'POST', path: '/', headers });
  call.on('response', (response) => {
    let answer = '';
    response.on('data', (chunk) => { answer += chunk; });
    response.on('end', () => outgoing.end(JSON.stringify({ headers: incoming.headers, status: response.statusCode, answer })));
  });
  call.end(message);
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

let home: string;
let project: string;
let port: number;
let fetchThere: Fetch;
let provider: ChildProcess;
let wire: Server;
let providerOrigin: string;
let idpOrigin: string;
/** The values of Authorization that reached the service behind the gateway. */
const reached: (string | undefined)[] = [];

const url = (host: string): string => `https://${host}.localhost:${port}`;
const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: project });
const person = (name: string): Person => new Person(name, fetchThere, [idpOrigin, providerOrigin]);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'mcpgw-six-'));
  project = join(home, 'gw');
  const [gatewayPort = 0, idpPort = 0, providerPort = 0] = await freePorts(3);
  port = gatewayPort;
  idpOrigin = `http://idp.localhost:${idpPort}`;
  providerOrigin = `http://127.0.0.1:${providerPort}`;
  await startProvider(providerPort);
  wire = await startWire(providerPort);
  const ports = ['--port', String(port), '--idp-port', String(idpPort), '--domain', 'localhost'];
  const created = await mcpgw(['create', 'gw', '--yes', '--engine', 'embedded', '--servers', 'whoami', ...ports], {
    cwd: home,
  });
  expect(created, created.stderr).toMatchObject({ code: 0 });
  await addRoutes((wire.address() as AddressInfo).port);
  const up = await run('up');
  expect(up, up.stderr).toMatchObject({ code: 0 });
  fetchThere = createFetch({ ca: [await readFile(join(project, '.mcpgw/certs/ca.pem'), 'utf8')] });
}, 60_000);

afterAll(async () => {
  await run('down');
  provider.kill();
  wire.close();
  wire.closeAllConnections();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** A service with an authorization server of its own, as somebody else runs it. */
async function startProvider(listen: number): Promise<void> {
  const args = ['idp', '--as-upstream', '--listen', `127.0.0.1:${listen}`];
  provider = spawn(process.execPath, [PROGRAM, ...args], { cwd: home, stdio: ['ignore', 'pipe', 'ignore'] });
  const { promise, resolve } = Promise.withResolvers<void>();
  provider.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('listening')) resolve();
  });
  await promise;
}

/** Passes requests on to that service and writes down whose token they carry. */
async function startWire(to: number): Promise<Server> {
  const server = createServer((incoming: IncomingMessage, outgoing) => {
    reached.push(incoming.headers.authorization);
    const { method, url: path, headers } = incoming;
    const onward = httpRequest({ host: '127.0.0.1', port: to, method, path, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return server;
}

async function addRoutes(servicePort: number): Promise<void> {
  const routes = `
  - name: notes
    from: ${url('notes')}
    to: http://127.0.0.1:${servicePort}/mcp
    mcp:
      server:
        upstream_oauth2:
          client_id: mcpgw
          client_secret: upstream-secret-for-development
          scopes: [read]
          endpoint:
            auth_url: ${providerOrigin}/authorize
            token_url: ${providerOrigin}/token
    policy: [{allow: {or: [{authenticated_user: true}]}}]
  - name: app
    from: ${url('app')}
    to: http://app:9999
    pass_identity_headers: true
    mcp: {client: {}}
    policy: [{allow: {or: [{claim/groups: {has: staff}}]}}]
`;
  const config = join(project, 'pomerium-config.yaml');
  await writeFile(config, (await readFile(config, 'utf8')) + routes);
  await mkdir(join(project, 'app'));
  await writeFile(join(project, 'app/server.js'), APPLICATION);
  const compose = join(project, 'docker-compose.yaml');
  const service = `services:
  app:
    image: node:24
    environment: {GATEWAY_PORT: "${port}"}
    x-mcpgw: {run: node server.js, folder: app}
`;
  await writeFile(compose, (await readFile(compose, 'utf8')).replace(/^services:\n/m, service));
}

/** What a tool said, from an answer in either of MCP's two forms. */
function said(body: string): Record<string, unknown> {
  const json = body.startsWith('{') ? body : (/^data: (\{.*\})$/m.exec(body)?.[1] ?? '{}');
  const { result } = JSON.parse(json) as { result?: { content?: { text: string }[] } };
  return JSON.parse(result?.content?.[0]?.text ?? '{}') as Record<string, unknown>;
}

interface SeenByApp {
  headers: Record<string, string | undefined>;
  status: number;
  answer: string;
}

describe('what a gateway is for', () => {
  test('1: an internal server is reached by those who sign in, and by nobody else', async () => {
    const stranger = await fetchThere(url('whoami'), { method: 'POST', headers: { accept: 'application/json' } });
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toContain('resource_metadata=');
    const called = await run('call', 'whoami', 'whoami', '--as', 'guest', '--json');
    expect(called, called.stderr).toMatchObject({ code: 0 });
    expect(called.stdout).toContain('guest@example.com');
  });

  test("2: an upstream's token reaches the server and never the client, whose own stays at the gateway", async () => {
    const member = person('member');
    reached.length = 0;
    const external = await member.authorizeClient(url('notes'));
    const answer = await member.callTool(url('notes'), external, 'whoami');
    expect(said(answer.body)).toMatchObject({ user: 'member', client: 'mcpgw', scopes: ['read'] });
    const [authorization = ''] = reached;
    expect(reached).toHaveLength(1);
    const internal = authorization.replace(/^Bearer /, '');
    expect(internal.length).toBeGreaterThan(20);
    expect(internal).not.toBe(external);
    const seen = JSON.stringify(member.shown.map(({ url: at, headers, body }) => [at, [...headers], body]));
    expect(seen).toContain(external);
    expect(seen).not.toContain(internal);
    // Each user has a token of their own there.
    const guest = person('guest');
    const call = await guest.callTool(url('notes'), await guest.authorizeClient(url('notes')), 'whoami');
    expect(said(call.body)).toMatchObject({ user: 'guest' });
    expect(new Set(reached).size).toBe(2);
  });

  test('3: an application on a client route is given an External Token and calls a server with it', async () => {
    for (const name of ['admin', 'member']) {
      const page = await person(name).open(url('app'));
      expect(page.status, page.body).toBe(200);
      const { headers, status, answer } = JSON.parse(page.body) as SeenByApp;
      expect(headers['authorization']).toMatch(/^Bearer [\w+/=]{128}$/);
      expect(status, answer).toBe(200);
      expect(said(answer)).toMatchObject({ Email: `${name}@example.com` });
    }
    expect((await person('guest').open(url('app'))).status).toBe(403);
    const stranger = await fetchThere(url('app'), { headers: { accept: 'application/json' } });
    expect(stranger.status).toBe(401);
  });

  test('4 and 5: the application lists the servers, connects its user to one, and disconnects them', async () => {
    const admin = person('admin');
    await admin.open(url('app'));
    const connected = async (): Promise<Record<string, unknown>> => {
      const { servers } = await admin.json(`${url('app')}/.pomerium/mcp/routes`);
      return Object.fromEntries(
        (servers as { name: string; connected: boolean }[]).map((one) => [one.name, one.connected]),
      );
    };
    expect(await connected()).toEqual({ whoami: false, notes: false });
    const back = encodeURIComponent(`${url('app')}/done?a=b`);
    const arrived = await admin.open(`${url('notes')}/.pomerium/mcp/connect?redirect_url=${back}`);
    expect(arrived.url).toBe(`${url('app')}/done?a=b`);
    expect(await connected()).toEqual({ whoami: false, notes: true });
    const elsewhere = encodeURIComponent('https://elsewhere.example/');
    expect((await admin.open(`${url('notes')}/.pomerium/mcp/connect?redirect_url=${elsewhere}`)).status).toBe(400);

    // The token that the application was given calls the connected server.
    const { headers } = JSON.parse(arrived.body) as SeenByApp;
    const token = headers['authorization']?.replace(/^Bearer /, '') ?? '';
    expect(said((await admin.callTool(url('notes'), token, 'whoami')).body)).toMatchObject({ user: 'admin' });
    const after = await admin.json(`${url('app')}/.pomerium/mcp/routes/disconnect`, {
      method: 'POST',
      body: JSON.stringify({ routes: [url('notes')] }),
    });
    expect(after).toMatchObject({ servers: [{ connected: false }, { connected: false }] });
    expect((await admin.callTool(url('notes'), token, 'whoami')).status).toBe(401);
    expect((await admin.open(`${url('app')}/.pomerium/routes`)).body).toContain('Connect notes');
  });

  test('the command line connects and disconnects too', async () => {
    const waiting = run('connect', 'notes', '--as', 'admin', '--no-browser', '--timeout', '60', '--json');
    const back = encodeURIComponent(`${url('notes')}/.pomerium/routes`);
    await person('admin').open(`${url('notes')}/.pomerium/mcp/connect?redirect_url=${back}`);
    const connected = await waiting;
    expect(connected, connected.stderr).toMatchObject({ code: 0 });
    expect((await run('connect', 'notes', '--as', 'admin')).stdout).toContain('is connected already');
    const forgotten = await run('disconnect', 'notes', '--as', 'admin', '--json');
    expect(JSON.parse(forgotten.stdout)).toMatchObject({ connected: false });
    // Once more is no failure.
    expect(await run('disconnect', 'notes', '--as', 'admin')).toMatchObject({ code: 0 });
  });

  test('6: who is calling is told by the signed assertion, to servers and applications alike', async () => {
    const groups: Record<string, string[]> = { admin: ['admins', 'staff'], member: ['staff'], guest: [] };
    for (const [name, expected] of Object.entries(groups)) {
      const who = person(name);
      const token = await who.authorizeClient(url('whoami'));
      const answer = said((await who.callTool(url('whoami'), token, 'whoami')).body);
      expect(answer).toMatchObject({ Email: `${name}@example.com` });
      expect(await who.json(`${url('whoami')}/.pomerium/user`)).toMatchObject({
        email: `${name}@example.com`,
        groups: expected,
      });
    }
    const { headers } = JSON.parse((await person('admin').open(url('app'))).body) as SeenByApp;
    const claims = Buffer.from(headers['x-pomerium-jwt-assertion']?.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims)).toMatchObject({
      aud: 'app.localhost',
      email: 'admin@example.com',
      groups: ['admins', 'staff'],
    });
  });

  test('signing out ends all of it', async () => {
    const member = person('member');
    const token = await member.authorizeClient(url('whoami'));
    expect((await member.callTool(url('whoami'), token, 'whoami')).status).toBe(200);
    await member.open(`${url('whoami')}/.pomerium/sign_out`);
    expect((await member.callTool(url('whoami'), token, 'whoami')).status).toBe(401);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bed, HOST, STATIC, type BedOptions } from './support/bed.ts';
import { RESOURCE_METADATA, ScriptedService, SERVER_METADATA } from './support/service.ts';

const UP = 'https://upmcp.corp.test';
const AS = 'https://upas.corp.test';
const PRM = '/.well-known/oauth-protected-resource';
const ALLOWED = 'mcp_allowed_as_metadata_domains: [upas.corp.test]';
const PLAIN = `
  - from: https://plain.corp.test
    to: ${UP}
    policy: [{allow: {or: [{domain: {is: company.com}}]}}]
  - from: https://other.corp.test
    to: ${UP}
    allow_public_unauthenticated_access: true
    mcp: {server: {}}
${ALLOWED}`;

let service: ScriptedService;
let bed: Bed;
let port: number;

beforeEach(async () => {
  service = new ScriptedService();
  port = await service.open();
});
afterEach(async () => {
  await bed.close();
  await service.close();
});

async function open(o: Partial<BedOptions> = {}): Promise<string> {
  const hosts = [
    'upmcp.corp.test:443',
    'upas.corp.test:443',
    'evil.corp.test:443',
    'upmcp.corp.test:9443',
    'upmcp.corp.test:80',
  ];
  bed = await Bed.start({ ports: Object.fromEntries(hosts.map((name) => [name, port])), more: PLAIN, ...o });
  return bed.signIn();
}

const CHALLENGED = [401, '', 'no-store', `Bearer resource_metadata="https://${HOST}${PRM}/mcp"`, undefined];
const BAD_GATEWAY = [502, '', 'no-store', undefined, undefined];

async function call(token: string, path = '/mcp?x=1') {
  const { status, body, headers } = await bed.call(token, path, { headers: { origin: 'https://app.test' } });
  const named = ['cache-control', 'www-authenticate', 'access-control-allow-origin'].map((name) => headers[name]);
  return [status, body, ...named];
}

describe('an upstream that wants a token', () => {
  test('is answered for by a challenge of the gateway', async () => {
    const token = await open({ server: STATIC });
    expect(await call(token)).toEqual(CHALLENGED);
    expect(await call(token, '/')).toEqual([
      401,
      '',
      'no-store',
      `Bearer resource_metadata="https://${HOST}${PRM}"`,
      undefined,
    ]);
    expect(bed.logText).not.toContain(token);
  });

  test('the authorization that follows goes on with what the refusal found out', async () => {
    const challenge = `Bearer resource_metadata="${UP}/own-prm", scope="admin write"`;
    service.behaviour.refusal = { status: 401, challenge };
    service.behaviour.documents[`${UP}/own-prm`] = { ...RESOURCE_METADATA, resource: `${UP}/mcp` };
    const token = await open();
    expect(await call(token)).toEqual(CHALLENGED);
    expect(service.seen).toContain(`GET ${UP}/own-prm`);
    const { location } = await bed.authorize(token, await bed.addClient());
    expect(Object.fromEntries(location.searchParams)).toMatchObject({ resource: `${UP}/mcp`, scope: 'admin write' });
    const back = await bed.callback({ state: location.searchParams.get('state') ?? '', code: 'c' });
    expect(back.location.host).toBe('127.0.0.1:7777');
    expect((await bed.call(token)).status).toBe(200);
  });

  test('who comes back without an authorization lands at the upstream itself', async () => {
    const token = await open();
    await call(token);
    const pending = await bed.withStore((store) => store.pendingUpstreams.find('alice', HOST));
    expect(pending?.userId).toBe('alice');
    const { location } = await bed.authorize(token, 'unknown-client');
    expect(location.protocol).toBe('none:');
  });

  test('a 403 counts when it is for want of a scope', async () => {
    service.behaviour.refusal = { status: 403, challenge: 'Bearer error="insufficient_scope", scope="elevated"' };
    const token = await open();
    expect(await call(token)).toEqual(CHALLENGED);
    const { location } = await bed.connect(token);
    expect(location.searchParams.get('scope')).toBe('elevated');
  });

  test.each([
    'Bearer error="invalid_token"',
    'Bearer error=insufficient_scope',
    'Bearer error="insufficient_scope" x',
    undefined,
  ])('another 403 goes on to the client: %s', async (challenge) => {
    service.behaviour.refusal = { status: 403, ...(challenge === undefined ? {} : { challenge }) };
    const [status, body] = await call(await open());
    expect([status, body]).toEqual([403, '{"error":"upstream says no"}']);
  });

  test.each([
    ['its metadata outside the allowed domains', 'https://evil.corp.test/prm'],
    ['its metadata without TLS', 'http://upmcp.corp.test/prm'],
  ])('%s is 502', async (_, url) => {
    service.behaviour.refusal = { status: 401, challenge: `Bearer resource_metadata="${url}"` };
    expect(await call(await open())).toEqual(BAD_GATEWAY);
    expect(service.seen.filter((line) => line.includes('prm'))).toEqual([]);
    expect(bed.logText).toContain('resource_metadata URL from WWW-Authenticate');
  });

  test('on another port than 443 it is 502, though connecting works', async () => {
    service.behaviour.documents[`${UP}:9443${PRM}`] = { ...RESOURCE_METADATA, resource: `${UP}:9443` };
    service.behaviour.documents[`${UP}${PRM}`] = { ...RESOURCE_METADATA, resource: `${UP}:9443` };
    const token = await open({ to: `${UP}:9443` });
    expect(await call(token)).toEqual(BAD_GATEWAY);
    const reason = `PRM resource "${UP}:9443" does not match upstream server "${UP}/mcp"`;
    expect(bed.log.some(({ error }) => String(error).includes(reason))).toBe(true);
    expect((await bed.connect(token)).location.origin).toBe(AS);
  });

  test('a path of the server stands twice in what is looked for', async () => {
    service.behaviour.documents[`${UP}${PRM}/mcp/mcp`] = RESOURCE_METADATA;
    const token = await open({ server: '{path: /mcp}' });
    await call(token);
    expect(service.seen).toContain(`GET ${UP}${PRM}/mcp/mcp`);
  });

  test('a server that only registers clients: the refusal registers none, and says so later', async () => {
    service.behaviour.documents[`${AS}/.well-known/oauth-authorization-server`] = {
      ...SERVER_METADATA,
      client_id_metadata_document_supported: false,
    };
    const token = await open({ dynamicRegistration: true });
    expect(await call(token)).toEqual(CHALLENGED);
    expect((await bed.connect(token)).location.searchParams.get('client_id')).toBe('');
    expect(bed.logText).toContain('the pending authorization has no client_id');
  });

  test('its connection is given up, and the next call has another', async () => {
    const token = await open({ server: STATIC });
    for (let i = 0; i < 5; i++) expect(await call(token)).toEqual(CHALLENGED);
    service.behaviour.refusal = { status: 404 };
    expect((await call(token)).slice(0, 2)).toEqual([404, '{"error":"upstream says no"}']);
  });
});

describe('elsewhere a 401 is the upstream’s own', () => {
  test.each([
    ['a route that is no MCP server', 'plain.corp.test', true],
    ['nobody is signed in', 'other.corp.test', false],
  ])('%s', async (_, host, signedIn) => {
    service.behaviour.refusal = { status: 401, challenge: 'Bearer realm="x"' };
    await open();
    const authorization = 'Bearer of-the-client';
    const headers: Record<string, string> = { authorization };
    if (signedIn) headers['cookie'] = await bed.signInBrowser();
    const got = await bed.send('/mcp', { host, headers });
    expect([got.status, got.headers['www-authenticate']]).toEqual([401, 'Bearer realm="x"']);
    expect(service.calls[0]?.authorization).toBe(authorization);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Bed, HOST, type BedOptions } from './support/bed.ts';
import { RESOURCE_METADATA, ScriptedService, SERVER_METADATA } from './support/service.ts';

const AS = 'https://upas.corp.test';
const UP = 'https://upmcp.corp.test';
const PRM = '/.well-known/oauth-protected-resource';
const ASM = '/.well-known/oauth-authorization-server';
const OIDC = '/.well-known/openid-configuration';
const ALLOWED = 'mcp_allowed_as_metadata_domains: [upas.corp.test]';
const NO_DOCUMENTS = { ...SERVER_METADATA, client_id_metadata_document_supported: false };

let service: ScriptedService;
let bed: Bed;
let port: number;

beforeEach(async () => {
  service = new ScriptedService();
  port = await service.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await bed.close();
  await service.close();
});

async function open(o: Partial<BedOptions> = {}): Promise<void> {
  const names = ['upmcp.corp.test', 'upas.corp.test', 'evil.corp.test'];
  const ports = Object.fromEntries(names.map((name) => [`${name}:443`, port]));
  bed = await Bed.start({ ports, more: ALLOWED, ...o });
}

function documents(changes: Record<string, unknown>): void {
  service.behaviour.documents = changes;
}

function consent(location: URL) {
  return bed.callback({ state: location.searchParams.get('state') ?? '', code: 'upcode' });
}

/** What connect makes of it: the authorization URL, or why there is none. */
async function connect(): Promise<URL> {
  return (await bed.connect(await bed.signIn())).location;
}

describe('finding the authorization server', () => {
  test('by the metadata of the resource; the client is its own document', async () => {
    await open();
    const location = await connect();
    expect(service.seen).toEqual([`GET ${UP}${PRM}`, `GET ${AS}${ASM}`]);
    expect(Object.fromEntries(location.searchParams)).toMatchObject({
      client_id: `https://${HOST}/.pomerium/mcp/client/metadata.json`,
      resource: UP,
      scope: 'read write',
    });
    expect((await consent(location)).status).toBe(302);
    expect(service.forms[0]?.has('client_secret')).toBe(false);
    expect(service.forms[0]?.get('client_id')).toBe(location.searchParams.get('client_id'));
  });

  test('under the path of the upstream first, then at the root', async () => {
    documents({ [`${UP}${PRM}`]: RESOURCE_METADATA, [`${AS}${ASM}`]: SERVER_METADATA });
    await open({ server: '{path: /mcp}' });
    expect((await connect()).searchParams.get('resource')).toBe(UP);
    expect(service.seen.slice(0, 2)).toEqual([`GET ${UP}${PRM}/mcp`, `GET ${UP}${PRM}`]);
  });

  test('an issuer with a path: RFC 8414, then both forms of OpenID Connect', async () => {
    documents({
      [`${UP}${PRM}`]: { ...RESOURCE_METADATA, authorization_servers: [`${AS}/tenant`] },
      [`${AS}${ASM}/tenant`]: { ...SERVER_METADATA, code_challenge_methods_supported: ['plain'] },
      [`${AS}/tenant${OIDC}`]: SERVER_METADATA,
    });
    await open();
    expect((await connect()).origin).toBe(AS);
    expect(service.seen.slice(1)).toEqual([
      `GET ${AS}${ASM}/tenant`,
      `GET ${AS}${OIDC}/tenant`,
      `GET ${AS}/tenant${OIDC}`,
    ]);
  });

  test('without metadata of the resource, at its own origin; that is then the resource', async () => {
    documents({ [`${UP}${OIDC}`]: SERVER_METADATA });
    await open({ server: '{path: /mcp}' });
    const location = await connect();
    expect(location.searchParams.get('resource')).toBe(UP);
    expect(location.searchParams.has('scope')).toBe(false);
  });

  test('without metadata of the resource, at authorization_server_url', async () => {
    documents({ [`${AS}${ASM}`]: SERVER_METADATA });
    await open({ server: `{authorization_server_url: "${AS}"}` });
    expect((await connect()).origin).toBe(AS);
  });

  test('a redirect of a document is followed', async () => {
    service.behaviour.documents[`${UP}${PRM}`] = `${UP}/elsewhere`;
    service.behaviour.documents[`${UP}/elsewhere`] = RESOURCE_METADATA;
    await open();
    expect((await connect()).origin).toBe(AS);
  });

  test('own scopes go before those of the resource, and one endpoint alone counts for nothing', async () => {
    await open({ server: `{upstream_oauth2: {scopes: ["a,b", c], endpoint: {auth_url: "${AS}/none"}}}` });
    const location = await connect();
    expect([location.pathname, location.searchParams.get('scope')]).toEqual(['/authorize', 'a,b c']);
  });
});

const metadata = (changes: object) => ({ ...RESOURCE_METADATA, ...changes });
const server = (changes: object) => ({ ...SERVER_METADATA, ...changes });

describe('what cannot be used', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'a server outside the allowed domains',
      { [`${UP}${PRM}`]: metadata({ authorization_servers: ['https://evil.corp.test'] }) },
      'domain not allowed',
    ],
    [
      'a server without TLS',
      { [`${UP}${PRM}`]: metadata({ authorization_servers: ['http://upas.corp.test'] }) },
      'must use https',
    ],
    [
      'another resource',
      { [`${UP}${PRM}`]: metadata({ resource: 'https://evil.corp.test' }) },
      'does not match upstream server',
    ],
    [
      'a resource below the upstream',
      { [`${UP}${PRM}`]: metadata({ resource: `${UP}/deeper` }) },
      'does not match upstream server',
    ],
    ['no server', { [`${UP}${PRM}`]: metadata({ authorization_servers: [] }) }, 'at least one entry'],
    [
      'no PKCE',
      { [`${UP}${PRM}`]: metadata({}), [`${AS}${ASM}`]: server({ code_challenge_methods_supported: undefined }) },
      'must include S256',
    ],
    [
      'no code grant',
      { [`${UP}${PRM}`]: metadata({}), [`${AS}${ASM}`]: server({ grant_types_supported: ['implicit'] }) },
      'authorization_code',
    ],
    [
      'a list that is none',
      { [`${UP}${PRM}`]: metadata({}), [`${AS}${ASM}`]: server({ grant_types_supported: 'implicit' }) },
      'not a list',
    ],
    [
      'a server that knows no way to be a client',
      { [`${UP}${PRM}`]: metadata({}), [`${AS}${ASM}`]: { ...NO_DOCUMENTS, registration_endpoint: undefined } },
      'does not advertise a registration_endpoint',
    ],
    ['nothing at all', {}, 'not found at any well-known endpoint'],
  ])('%s: the client gets its code, connect an error, a call 502', async (_, found, reason) => {
    documents(found);
    await open();
    const [token, clientId] = [await bed.signIn(), await bed.addClient()];
    expect((await bed.authorize(token, clientId)).location.searchParams.get('code')).not.toBeNull();
    expect(bed.logText).toContain('discovery failed, proceeding without upstream OAuth');
    expect(bed.logText).toContain(reason);
    expect((await bed.connect(token)).location.searchParams.get('connect_error')).toMatch(
      /^MCP connection failed\. .*: \S+$/,
    );
    const got = await bed.call(token);
    expect([got.status, got.body, got.headers['cache-control']]).toEqual([502, '', 'no-store']);
    expect(service.seen.some((line) => line.includes('evil.corp.test'))).toBe(false);
  });

  test('a plain upstream has no issuer of its own to fall back to', async () => {
    await open({ to: 'http://127.0.0.1:1' });
    expect((await connect()).searchParams.has('connect_error')).toBe(true);
    expect(bed.logText).toContain('metadata URL must use https');
  });

  test('an endpoint on a private address that only metadata names is not asked, unless development allows it', async () => {
    const elsewhere = { ...SERVER_METADATA, token_endpoint: 'https://evil.corp.test/token' };
    service.behaviour.documents[`${AS}${ASM}`] = elsewhere;
    await open();
    expect((await consent(await connect())).status).toBe(502);
    expect(bed.logText).toContain('has no public address');
    await bed.close();
    await open({ allowPrivateHosts: true });
    expect((await consent(await connect())).status).toBe(302);
  });
});

describe('an authorization server that names itself in its answer', () => {
  beforeEach(() => {
    service.behaviour.documents[`${AS}${ASM}`] = {
      ...SERVER_METADATA,
      authorization_response_iss_parameter_supported: true,
    };
  });

  test.each([
    ['next', {}, 400, 'Invalid issuer\n'],
    ['next', { iss: 'https://evil.corp.test' }, 400, 'Invalid issuer\n'],
    ['next', { iss: AS }, 302, undefined],
    ['v0.33.1', { iss: 'https://evil.corp.test' }, 302, undefined],
  ] as const)('%s, %j', async (release, iss, status, body) => {
    await open({ release });
    const state = (await connect()).searchParams.get('state') ?? '';
    const got = await bed.callback({ state, code: 'upcode', ...iss });
    expect(got.status).toBe(status);
    if (body !== undefined) expect(got.body).toBe(body);
  });
});

describe('registration', () => {
  beforeEach(() => {
    service.behaviour.documents[`${AS}${ASM}`] = NO_DOCUMENTS;
  });

  test('happens once for an issuer and a host', async () => {
    await open({ dynamicRegistration: true });
    const token = await bed.signIn();
    const first = await Promise.all([bed.connect(token), bed.connect(await bed.signIn('bob'))]);
    expect(first.map(({ location }) => location.searchParams.get('client_id'))).toEqual(['dcr-1', 'dcr-1']);
    await bed.restart();
    await bed.connect(await bed.signIn('carol'));
    expect(service.registrations).toEqual([
      {
        client_name: 'Pomerium MCP Proxy',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`https://${HOST}/.pomerium/mcp/client/oauth/callback`],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    ]);
    await bed.connect(await bed.signIn('dave'), undefined, { host: `${HOST}:8443` });
    expect(service.registrations).toHaveLength(2);
  });

  test('is off without the runtime flag', async () => {
    await open();
    expect((await connect()).searchParams.has('connect_error')).toBe(true);
    expect(bed.logText).toContain('enable the runtime flag : `mcp_dynamic_client_registration`');
    expect(service.registrations).toEqual([]);
  });

  test('a secret is sent with the code, but not with a refresh', async () => {
    service.behaviour.registration.body = {
      client_id: 'dcr-1',
      client_secret: 'dcr-secret',
      client_secret_expires_at: 0,
    };
    service.behaviour.token = () => service.issue({ expires_in: 60 });
    await open({ dynamicRegistration: true });
    const token = await bed.signIn();
    await consent((await bed.connect(token)).location);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect((await bed.call(token)).status).toBe(200);
    expect(service.forms.map((form) => form.get('client_secret'))).toEqual(['dcr-secret', null]);
  });

  test.each([
    ['a secret without its expiry', { status: 201, body: { client_id: 'x', client_secret: 's' } }],
    ['no client_id', { status: 201, body: {} }],
    ['a refusal', { status: 400, body: { error: 'invalid_client_metadata' } }],
  ])('%s: authorize ends with 500', async (_, registration) => {
    service.behaviour.registration = registration;
    await open({ dynamicRegistration: true });
    const got = await bed.authorize(await bed.signIn(), await bed.addClient());
    expect([got.status, got.body]).toEqual([500, 'internal error\n']);
    expect((await bed.connect(await bed.signIn())).body).toBe('internal server error\n');
  });
});

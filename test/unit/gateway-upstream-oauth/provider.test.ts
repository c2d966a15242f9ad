import { afterEach, expect, test } from 'vitest';
import {
  startUpstreamProvider,
  type UpstreamProvider,
  type UpstreamFault,
} from '../../../src/idp/as-upstream/index.ts';
import { createFetch } from '../../../src/net/fetch.ts';
import { Bed, certificate } from './support/bed.ts';

const ISSUER = 'https://upas.corp.test';
const RESOURCE = 'https://upmcp.corp.test';
const CLIENT = { id: 'preregistered', secret: 's3cret' };
const DISCOVERED = 'mcp_allowed_as_metadata_domains: [upas.corp.test]';
const REGISTERED = `{upstream_oauth2: {client_id: ${CLIENT.id}, client_secret: ${CLIENT.secret}}}`;

let provider: UpstreamProvider;
let bed: Bed;

afterEach(async () => {
  await bed.close();
  await provider.close();
});

/** The mock of a vendor, with faults, behind the gateway. */
async function open(server: string, faults: readonly UpstreamFault[] = []): Promise<string> {
  const ports: Record<string, number> = {};
  provider = await startUpstreamProvider({
    listen: { host: '127.0.0.1', port: 0 },
    issuer: ISSUER,
    resource: RESOURCE,
    tls: certificate,
    client: CLIENT,
    registration: true,
    clientMetadataDocuments: server === '{}',
    users: { alice: { email: 'alice@company.com', name: 'Alice', groups: [] } },
    accessTokenLife: 3_600,
    refreshTokens: true,
    scopes: ['read', 'write'],
    faults,
    autoApprove: 'alice',
    log: () => undefined,
    fetch: createFetch({ ca: [certificate.ca], resolve: () => ({ host: '127.0.0.1', port: bed.port }) }),
  });
  for (const name of ['upas.corp.test:443', 'upmcp.corp.test:443']) ports[name] = provider.address.port;
  bed = await Bed.start({ server, ports, more: DISCOVERED });
  return bed.signIn();
}

/** Follows the way to the provider and back. */
async function consent(token: string) {
  const { location } = await bed.connect(token);
  const fetchThere = createFetch({
    ca: [certificate.ca],
    resolve: () => ({ host: '127.0.0.1', port: provider.address.port }),
  });
  const back = await fetchThere(location, { redirect: 'manual' });
  const { searchParams } = new URL(back.headers.get('location') ?? 'none:');
  return bed.callback(Object.fromEntries(searchParams));
}

test.each([
  ['its own metadata document', '{}'],
  ['a client registered beforehand', REGISTERED],
])('a call after consent with %s', async (_, server) => {
  const token = await open(server);
  expect((await bed.call(token)).status).toBe(401);
  expect((await consent(token)).status).toBe(302);
  const got = await bed.call(token);
  expect(got.status).not.toBe(401);
  expect(provider.stats().resourceCalls).toBe(1);
});

test('twenty calls with an expired token: one refresh, and rotation goes on', async () => {
  const token = await open(REGISTERED);
  provider.setFaults(['short-tokens=1']);
  await consent(token);
  provider.setFaults([]);
  await new Promise((done) => setTimeout(done, 1_100));
  await Promise.all(Array.from({ length: 20 }, async () => bed.call(token)));
  expect(provider.stats()).toMatchObject({ refreshes: 1, resourceCalls: 20 });
});

test.each<[UpstreamFault, number, string]>([
  ['access-denied', 400, 'Authorization failed\n'],
  ['wrong-state', 400, 'Invalid or expired state\n'],
  ['code-refused', 502, 'Token exchange failed\n'],
  ['basic-only', 502, 'Token exchange failed\n'],
  ['form-encoded', 502, 'Token exchange failed\n'],
  ['html-page', 502, 'Token exchange failed\n'],
  ['invalid-json', 502, 'Token exchange failed\n'],
  ['nested-token', 502, 'Token exchange failed\n'],
  ['no-access-token', 502, 'Token exchange failed\n'],
  ['expiry-string', 502, 'Token exchange failed\n'],
  ['huge-answer', 502, 'Token exchange failed\n'],
])('%s: the callback answers %i', async (fault, status, body) => {
  const got = await consent(await open(REGISTERED, [fault]));
  expect([got.status, got.body]).toEqual([status, body]);
});

test.each<UpstreamFault>(['metadata-redirect', 'wrong-issuer', 'wrong-iss', 'no-expiry', 'no-refresh-token'])(
  '%s does no harm',
  async (fault) => {
    const token = await open(REGISTERED, [fault]);
    expect((await consent(token)).status).toBe(302);
    await bed.call(token);
    expect(provider.stats().resourceCalls).toBe(1);
  },
);

test('metadata of another resource: there is nothing to consent to, and calls are 502', async () => {
  const token = await open(REGISTERED, ['wrong-resource']);
  expect((await bed.connect(token)).location.searchParams.has('connect_error')).toBe(true);
  expect((await bed.call(token)).status).toBe(502);
});

test.each<[UpstreamFault, number[]]>([
  ['refresh-refused', [401, 401]],
  ['refresh-lost', [502, 401]],
])('%s: calls with an expired token are answered %j', async (fault, statuses) => {
  const token = await open(REGISTERED, ['short-tokens=1']);
  await consent(token);
  provider.setFaults([fault]);
  await new Promise((done) => setTimeout(done, 1_100));
  const got = [(await bed.call(token)).status];
  // The token is gone, or its refresh token is spent.
  provider.setFaults([]);
  got.push((await bed.call(token)).status);
  expect(got).toEqual(statuses);
});

test('a token that lacks a scope: the client is asked to authorize again, with the scope that is wanted', async () => {
  const token = await open(REGISTERED);
  await consent(token);
  provider.setFaults(['insufficient-scope']);
  const got = await bed.call(token);
  expect([got.status, got.body]).toEqual([401, '']);
  // The token itself is good, so that Pomerium v0.33.1 never asks the user: only disconnecting helps.
  expect((await bed.connect(token)).location.href).toBe('https://app.corp.test/done');
});

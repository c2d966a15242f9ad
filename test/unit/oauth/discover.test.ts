import { afterEach, expect, test } from 'vitest';
import { obtainToken } from '../../../src/oauth/index.ts';
import { isResourceOf, wellKnownResourceUrls } from '../../../src/oauth/resource.ts';
import { metadataUrls } from '../../../src/oauth/server-metadata.ts';
import { optionsFor, startWorld, type Knobs, type World } from './world.ts';

let world: World;
afterEach(async () => world?.close());

async function get(knobs: Knobs): Promise<string> {
  world = await startWorld(knobs);
  return (await obtainToken(optionsFor(world))).issuer;
}

async function failure(knobs: Knobs): Promise<unknown> {
  return get(knobs).then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

test('follows resource_metadata of the challenge before it tries well-known places', async () => {
  world = await startWorld({ resourceMetadataAt: ['/elsewhere'] });
  world.knobs.challenge = `Bearer realm="x", resource_metadata="${world.origin}/elsewhere"`;
  await obtainToken(optionsFor(world));
  expect(world.log.filter((line) => line.startsWith('GET')).slice(0, 2)).toEqual([
    'GET /elsewhere',
    'GET /.well-known/oauth-authorization-server',
  ]);
});

test('without a pointer, looks below the path first and then at the root', async () => {
  await get({ challenge: 'Bearer', resourceMetadataAt: ['/.well-known/oauth-protected-resource'] });
  expect(world.log.slice(1, 3)).toEqual([
    'GET /.well-known/oauth-protected-resource/mcp',
    'GET /.well-known/oauth-protected-resource',
  ]);
});

test('metadata is also looked for when the server let the first request through', async () => {
  world = await startWorld({ challenge: false });
  const token = await obtainToken(optionsFor(world));
  expect(token.from).toBe('sign-in');
});

test('a server that asks for nothing and names nobody needs no token', async () => {
  expect(await failure({ challenge: false, resourceMetadataAt: [] })).toMatchObject({ code: 'NO_TOKEN_NEEDED' });
});

test('refuses metadata of another resource', async () => {
  expect(await failure({ resourceMetadata: { resource: 'https://evil.example/mcp' } })).toMatchObject({
    code: 'DISCOVERY_FAILED',
    message: expect.stringContaining('https://evil.example/mcp') as string,
  });
  expect(world.authorizations).toEqual([]);
});

test('refuses metadata that names no authorization server', async () => {
  expect(await failure({ resourceMetadata: { authorization_servers: [] } })).toMatchObject({
    code: 'DISCOVERY_FAILED',
  });
});

test('takes the first authorization server that has metadata', async () => {
  world = await startWorld();
  world.knobs.resourceMetadata = { authorization_servers: [`${world.origin}/none`, world.origin] };
  expect((await obtainToken(optionsFor(world))).issuer).toBe(world.origin);
});

test('asks for OpenID Connect metadata when there is no RFC 8414 document', async () => {
  expect(await get({ metadataAt: ['/.well-known/openid-configuration'] })).toBe(world.origin);
});

test.each([
  ['another issuer', { issuer: 'http://127.0.0.1:1' }],
  ['no PKCE', { code_challenge_methods_supported: undefined }],
  ['only plain PKCE', { code_challenge_methods_supported: ['plain'] }],
  ['a token endpoint without TLS', { token_endpoint: 'http://example.com/token' }],
  ['an authorization endpoint that is a script', { authorization_endpoint: 'javascript:alert(1)' }],
  ['an endpoint with a password in it', { token_endpoint: 'https://user:pass@example.com/token' }],
  ['no token endpoint', { token_endpoint: undefined }],
])('refuses authorization server metadata with %s', async (_, metadata) => {
  expect(await failure({ metadata })).toMatchObject({ code: 'DISCOVERY_FAILED' });
  expect(world.registrations).toEqual([]);
});

test('an issuer with a slash after the host is the same issuer', async () => {
  world = await startWorld();
  world.knobs.resourceMetadata = { authorization_servers: [`${world.origin}/`] };
  expect((await obtainToken(optionsFor(world))).issuer).toBe(world.origin);
});

test('a server of 2025-03-26 is its own authorization server, with or without metadata', async () => {
  await get({ challenge: 'Bearer', resourceMetadataAt: [] });
  expect(world.authorizations[0]?.has('resource')).toBe(false);
  await world.close();
  expect(
    await get({
      challenge: 'Bearer',
      resourceMetadataAt: [],
      metadataAt: [],
      redirect: (url) => url.searchParams.delete('iss'),
    }),
  ).toBe(world.origin);
});

test('an authorization server without metadata is told with the places that were looked at', async () => {
  world = await startWorld({ metadataAt: [] });
  const answer = await obtainToken(optionsFor(world)).catch((error: unknown) => error);
  expect(answer).toMatchObject({
    code: 'DISCOVERY_FAILED',
    message: expect.stringContaining('no metadata') as string,
    why: expect.stringContaining('/.well-known/openid-configuration') as string,
  });
});

test('a challenge may not send a client from the internet into its own network', async () => {
  world = await startWorld();
  const options = optionsFor(world, {
    server: new URL('https://mcp.example.com/mcp'),
    fetch: async () =>
      new Response('{}', {
        status: 401,
        headers: { 'www-authenticate': `Bearer resource_metadata="${world.origin}/x"` },
      }),
  });
  expect(await obtainToken(options).catch((error: unknown) => error)).toMatchObject({
    code: 'DISCOVERY_FAILED',
    message: expect.stringContaining('its own network') as string,
  });
});

test('an event stream at a well-known place does not hang the search', async () => {
  world = await startWorld({ challenge: 'Bearer', resourceMetadataAt: ['/.well-known/oauth-protected-resource'] });
  const { fetch, ...rest } = optionsFor(world);
  const endless: typeof fetch = async (input, init) =>
    urlOf(input).endsWith('/oauth-protected-resource/mcp')
      ? new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } })
      : fetch(input, init);
  expect((await obtainToken({ ...rest, fetch: endless })).issuer).toBe(world.origin);
});

test('a metadata endpoint that fails says so', async () => {
  world = await startWorld();
  const { fetch, ...rest } = optionsFor(world);
  const broken: typeof fetch = async (input, init) =>
    urlOf(input).includes('authorization-server') ? new Response('oops', { status: 502 }) : fetch(input, init);
  expect(await obtainToken({ ...rest, fetch: broken }).catch((error: unknown) => error)).toMatchObject({
    code: 'BAD_OAUTH_ANSWER',
    message: expect.stringContaining('502') as string,
  });
});

test('a server that nobody answers for is told as unreachable', async () => {
  world = await startWorld();
  const options = optionsFor(world);
  await world.close();
  expect(await obtainToken(options).catch((error: unknown) => error)).toMatchObject({ code: 'UNREACHABLE' });
});

test('well-known places of path-bearing names', () => {
  expect(wellKnownResourceUrls(new URL('https://a.example/x/y')).map(String)).toEqual([
    'https://a.example/.well-known/oauth-protected-resource/x/y',
    'https://a.example/.well-known/oauth-protected-resource',
  ]);
  expect(metadataUrls(new URL('https://a.example/t')).map(String)).toEqual([
    'https://a.example/.well-known/oauth-authorization-server/t',
    'https://a.example/.well-known/openid-configuration/t',
    'https://a.example/t/.well-known/openid-configuration',
  ]);
  expect(metadataUrls(new URL('https://a.example')).map(String)).toHaveLength(2);
});

test.each([
  ['https://a.example/mcp', 'https://a.example/mcp', true],
  ['https://a.example', 'https://a.example/', true],
  ['https://a.example', 'https://a.example/mcp', true],
  ['https://a.example/mc', 'https://a.example/mcp', false],
  ['https://a.example/mcp/x', 'https://a.example/mcp', false],
  ['http://a.example/mcp', 'https://a.example/mcp', false],
  ['https://a.example:8443/mcp', 'https://a.example/mcp', false],
  ['https://a.example/mcp#x', 'https://a.example/mcp', false],
  ['nonsense', 'https://a.example/mcp', false],
])('resource %s speaks for %s: %s', (resource, server, expected) => {
  expect(isResourceOf(resource, new URL(server))).toBe(expected);
});

function urlOf(input: string | URL | Request): string {
  return input instanceof Request ? input.url : input.toString();
}

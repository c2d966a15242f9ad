import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fetch } from '../../../src/net/fetch.ts';
import { createFetch } from '../../../src/net/fetch.ts';
import { callTool, messageOf, post, startTestServers, type ToolReply } from './helpers.ts';
import { createGateway, goodClaims, HOST, type Gateway } from './signing.ts';

// Every test starts servers, some a process: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 30_000 });

const NO_IDENTITY = 'no identity was passed in the request context';

interface Asker {
  gateway: Gateway;
  ask: (assertion: string | undefined) => Promise<ToolReply>;
}

async function whoami(options: { issuers?: string[]; jwksUrl?: string; fetch?: Fetch } = {}): Promise<Asker> {
  const gateway = await createGateway();
  const { url } = await startTestServers({ whoami: { issuers: [HOST], fetch: gateway.fetch, ...options } });
  return {
    gateway,
    ask: async (assertion) =>
      callTool(
        `${url}/whoami`,
        'whoami',
        {},
        { headers: assertion === undefined ? {} : { 'x-pomerium-jwt-assertion': assertion } },
      ),
  };
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const refused = (reason: string): ToolReply => ({ isError: true, texts: [`${NO_IDENTITY}: ${reason}`] });

describe('an assertion of the gateway', () => {
  test('is answered with name and e-mail, as the public server writes them', async () => {
    const { gateway, ask } = await whoami();
    const reply = await ask(await gateway.sign({ name: 'Zoë <b>&', email: 'zoë@company.com' }));
    expect(reply).toEqual({
      isError: false,
      texts: ['{"Name":"Zoë \\u003cb\\u003e\\u0026","Email":"zoë@company.com"}'],
    });
  });

  test('may lack name and e-mail', async () => {
    const { gateway, ask } = await whoami();
    expect((await ask(await gateway.sign({ name: undefined, email: undefined }))).texts).toEqual([
      '{"Name":"","Email":""}',
    ]);
  });

  test.each([HOST, `https://${HOST}`, `https://${HOST}/`])('is known by the issuer written as %s', async (iss) => {
    const { gateway, ask } = await whoami();
    expect((await ask(await gateway.sign({ iss }))).isError).toBe(false);
  });

  test('is verified for a gateway on another port than 443, with the keys from that port', async () => {
    const { gateway, ask } = await whoami({ issuers: ['whoami.localhost:8443'] });
    expect((await ask(await gateway.sign({ iss: 'whoami.localhost', aud: 'whoami.localhost' }))).isError).toBe(false);
    expect(gateway.asked).toEqual(['https://whoami.localhost:8443/.well-known/pomerium/jwks.json']);
  });

  test('is verified with the keys of --jwks-url when one is given', async () => {
    const { gateway, ask } = await whoami({ jwksUrl: 'http://keys.internal:9000/jwks' });
    expect((await ask(await gateway.sign())).isError).toBe(false);
    expect(gateway.asked).toEqual(['http://keys.internal:9000/jwks']);
  });

  test('may list hundreds of groups', async () => {
    const { gateway, ask } = await whoami();
    const groups = Array.from({ length: 3000 }, (_, i) => `group-number-${i}`);
    expect((await ask(await gateway.sign({ groups }))).isError).toBe(false);
  });
});

describe('a request without identity', () => {
  test('is told which setting of the route is missing', async () => {
    const { ask } = await whoami();
    expect(await ask(undefined)).toEqual(
      refused('the request has no X-Pomerium-Jwt-Assertion header; set pass_identity_headers: true on the route'),
    );
  });

  test('is told when the server believes nobody', async () => {
    const { gateway, ask } = await whoami({ issuers: [] });
    expect(await ask(await gateway.sign())).toEqual(
      refused('this server was told no issuer to believe; start it with --whoami-issuers'),
    );
  });

  test.each(['nonsense', 'Bearer x.y.z', 'a.b.c', '{"payload":""}', '..', 'eyJhbGciOiJFUzI1NiJ9.e30.'])(
    'is refused, and no crash: %s',
    async (text) => {
      const { ask } = await whoami();
      expect((await ask(text)).isError).toBe(true);
      expect((await ask(undefined)).isError).toBe(true);
    },
  );
});

describe('weaknesses of the public server', () => {
  test('a token of another issuer is refused, and nothing is fetched from where it points', async () => {
    const { gateway, ask } = await whoami();
    const evil = await createGateway();
    const reply = await ask(await evil.sign({ iss: 'evil.corp.test', aud: HOST, email: 'ceo@company.com' }));
    expect(reply).toEqual(refused('the assertion\'s issuer "evil.corp.test" is none of this server\'s'));
    expect([...gateway.asked, ...evil.asked]).toEqual([]);
  });

  test('a foreign key under the kid of the gateway is refused, and the genuine one goes on working', async () => {
    const { gateway, ask } = await whoami();
    const evil = await createGateway('key-1');
    expect((await ask(await gateway.sign())).isError).toBe(false);
    expect(await ask(await evil.sign())).toEqual(refused("the assertion's signature is wrong"));
    expect((await ask(await gateway.sign())).isError).toBe(false);
  });

  test('the key list of one issuer says nothing about another', async () => {
    const first = await createGateway('shared');
    const second = await createGateway('shared');
    const fetch: Fetch = async (input) =>
      new Request(input).url.includes('first') ? first.fetch(input) : second.fetch(input);
    const { ask } = await whoami({ issuers: ['first.test', 'second.test'], fetch });
    expect((await ask(await first.sign({ iss: 'first.test', aud: 'first.test' }))).isError).toBe(false);
    expect((await ask(await second.sign({ iss: 'second.test', aud: 'second.test' }))).isError).toBe(false);
    expect(await ask(await second.sign({ iss: 'first.test', aud: 'first.test' }))).toEqual(
      refused("the assertion's signature is wrong"),
    );
  });

  test.each([
    ['another route', 'other.corp.test'],
    ['nobody', undefined],
    ['the issuer as a URL', `https://${HOST}`],
  ])('an assertion made for %s is refused', async (_, aud) => {
    const { gateway, ask } = await whoami();
    const reply = await ask(await gateway.sign({ aud }));
    expect(reply.texts[0]).toContain("the assertion's claim aud is wrong");
  });

  test.each([
    ['exp', { exp: undefined }],
    ['iat', { iat: undefined }],
  ])('an assertion without %s is refused', async (claim, claims) => {
    const { gateway, ask } = await whoami();
    expect((await ask(await gateway.sign(claims))).texts[0]).toContain(`missing required "${claim}" claim`);
  });

  test.each([
    ['has expired', { exp: goodClaims().iat ?? 0, iat: (goodClaims().iat ?? 0) - 600 }, -120],
    ['is not valid yet', { nbf: (goodClaims().iat ?? 0) + 600 }, 0],
    ['was made in the future', { iat: (goodClaims().iat ?? 0) + 600, exp: (goodClaims().iat ?? 0) + 900 }, 0],
    ['claims to live for ever', { iat: 1_000_000_000, exp: 99_000_000_000 }, 0],
  ])('an assertion that %s is refused', async (_, claims, shift) => {
    const { gateway, ask } = await whoami();
    const shifted = 'exp' in claims && shift !== 0 ? { ...claims, exp: claims.exp + shift } : claims;
    expect((await ask(await gateway.sign(shifted))).isError).toBe(true);
  });

  test.each(['ES384', 'RS256'])('a published key of %s is not accepted: Pomerium signs with ES256', async (alg) => {
    const { gateway, ask } = await whoami();
    expect(await ask(await gateway.sign({}, { alg }))).toEqual(refused('the assertion is not signed with ES256'));
  });

  test('no signature, or the public key as an HMAC secret, is refused', async () => {
    const { gateway, ask } = await whoami();
    const unsigned = `${encode({ alg: 'none' })}.${encode(goodClaims())}.`;
    const signed = `${encode({ alg: 'HS256', kid: 'key-1' })}.${encode(goodClaims())}`;
    const keys = await (await gateway.fetch('https://keys.test')).text();
    const hmac = createHmac('sha256', keys).update(signed).digest('base64url');
    expect((await ask(unsigned)).isError).toBe(true);
    expect(await ask(`${signed}.${hmac}`)).toEqual(refused('the assertion is not signed with ES256'));
  });

  test('an altered payload or signature is refused', async () => {
    const { gateway, ask } = await whoami();
    const [header = '', , signature = ''] = (await gateway.sign()).split('.');
    const payload = Buffer.from(JSON.stringify({ ...goodClaims(), email: 'ceo@company.com' })).toString('base64url');
    expect(await ask(`${header}.${payload}.${signature}`)).toEqual(refused("the assertion's signature is wrong"));
  });

  test('an unknown key does not cause a fetch on every request', async () => {
    const { gateway, ask } = await whoami();
    for (let i = 0; i < 5; i += 1)
      expect((await ask(await gateway.sign({}, { kid: `made-up-${i}` }))).isError).toBe(true);
    expect(gateway.asked.length).toBeLessThanOrEqual(2);
  });

  test('keys are fetched once for many calls', async () => {
    const { gateway, ask } = await whoami();
    for (let i = 0; i < 5; i += 1) await ask(await gateway.sign());
    expect(gateway.asked).toHaveLength(1);
  });

  test.each([
    ['an error status with keys in the body', 500, {}],
    ['a redirect', 302, { location: 'https://evil.corp.test/keys' }],
  ])('%s is no key list', async (_, status, headers) => {
    const gateway = await createGateway();
    const keys = await (await gateway.fetch('https://keys.test')).text();
    const { ask } = await whoami({ fetch: async () => new Response(keys, { status, headers }) });
    expect((await ask(await gateway.sign())).texts[0]).toContain("the gateway's key list cannot be used");
  });

  test('a key server that never answers holds up neither initialize nor the tool for ever', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => silent.close().closeAllConnections());
    await new Promise((listening) => silent.once('listening', listening));
    const { port } = silent.address() as AddressInfo;
    const gateway = await createGateway();
    const { url } = await startTestServers({
      whoami: { issuers: [HOST], jwksUrl: `http://127.0.0.1:${port}/jwks`, fetch: createFetch({ timeout: 200 }) },
    });
    const headers = { 'x-pomerium-jwt-assertion': await gateway.sign() };
    const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
    const initialized = await messageOf(
      await post(`${url}/whoami`, { jsonrpc: '2.0', id: 1, method: 'initialize', params }, headers),
    );
    expect(initialized.error).toBeUndefined();
    const reply = await callTool(`${url}/whoami`, 'whoami', {}, { headers });
    expect(reply.texts[0]).toContain("the gateway's key list cannot be used: fetch failed: no answer");
  });

  test('two assertions in one request are none', async () => {
    const { gateway, ask } = await whoami();
    const good = await gateway.sign();
    expect((await ask(`${good}, ${good}`)).isError).toBe(true);
  });

  test('an ordinary request without assertion leaves no error in the log, and no assertion ever stands there', async () => {
    const gateway = await createGateway();
    const { url, log } = await startTestServers({ whoami: { issuers: [HOST], fetch: gateway.fetch } });
    const assertion = await gateway.sign();
    await callTool(`${url}/whoami`, 'whoami');
    await callTool(`${url}/whoami`, 'whoami', {}, { headers: { 'x-pomerium-jwt-assertion': assertion } });
    expect(log.map(({ level }) => level)).toEqual(['info', 'info']);
    expect(JSON.stringify(log)).not.toContain(assertion.slice(0, 20));
    expect(JSON.stringify(log)).not.toContain('alice@company.com');
  });
});

import { afterEach, describe, expect, test, vi } from 'vitest';
import { callTool, startTestServers } from '../servers/helpers.ts';
import { createGateway, HOST } from '../servers/signing.ts';
import { A, B, Bed, BOB } from './support/bed.ts';
import { CALLBACK, tokensOf } from './support/mcp-client.ts';

const HOUR = 3_600_000;

afterEach(() => void vi.useRealTimers());

/** Moves the gateway's clock. */
function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + milliseconds });
}

describe('token handling', () => {
  test('TK-1 the upstream never sees the token of the gateway', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens();
    expect((await client.call(access)).status).toBe(200);
    expect(bed.echo.calls).toHaveLength(1);
    expect(bed.echo.last('authorization')).toBeUndefined();
    expect(JSON.stringify(bed.echo.received)).not.toContain(access);
  });

  test('TK-2 is not held for the audience, as in Pomerium: a token got at one route opens another', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens(A);
    expect((await client.call(access, B)).status).toBe(200);
  });

  test('TK-2 a token that is altered, of another kind, unsigned or a stranger’s is 401', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access, refresh } = await client.tokens();
    const altered = access.startsWith('A') ? `B${access.slice(1)}` : `A${access.slice(1)}`;
    const unsigned = `${encode({ alg: 'none' })}.${encode({ sub: 'alice', aud: A, iss: A })}.`;
    for (const token of [altered, access.slice(0, -4), `${access}AAAA`, refresh, unsigned, 'x']) {
      const { status, headers } = await client.call(token);
      expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('resource_metadata=')]);
    }
    expect(bed.echo.calls).toEqual([]);
  });

  test('TK-2 a token of another gateway is 401', async () => {
    const [bed, other] = [await Bed.open(), await Bed.open()];
    const { access } = await other.client().tokens();
    // Both have one shared secret: what is unknown here is the session behind the token.
    expect((await bed.client().call(access)).status).toBe(401);
  });

  test('TK-2 an expired token is 401', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens();
    later(15 * HOUR);
    expect((await client.call(access)).status).toBe(401);
  });

  test('TK-3 a token in the query, the body or another header opens nothing', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens();
    const escaped = encodeURIComponent(access);
    expect((await client.call(undefined, A, { path: `/?access_token=${escaped}` })).status).toBe(401);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await client.call(undefined, A, { body: `access_token=${escaped}`, headers: form })).status).toBe(401);
    expect((await client.call(undefined, A, { headers: { cookie: `access_token=${access}` } })).status).toBe(401);
    expect(bed.echo.calls).toEqual([]);
  });

  test('TK-3 a reference server believes no assertion from the query or the arguments', async () => {
    const gateway = await createGateway();
    const { url } = await startTestServers({ whoami: { issuers: [HOST], fetch: gateway.fetch } });
    const assertion = await gateway.sign();
    expect((await callTool(`${url}/whoami?x-pomerium-jwt-assertion=${assertion}`, 'whoami')).isError).toBe(true);
    const told = await callTool(`${url}/whoami`, 'whoami', { 'x-pomerium-jwt-assertion': assertion });
    expect(told.isError).toBe(true);
    const headers = { 'x-pomerium-jwt-assertion': assertion };
    expect((await callTool(`${url}/whoami`, 'whoami', {}, { headers })).isError).toBe(false);
  });

  test('TK-4 an assertion that the client makes up is taken away, whatever its spelling and number', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens();
    for (const server of [A, B]) {
      const answer = await bed.raw(
        `GET / HTTP/1.1\r\nHost: ${new URL(server).host}\r\nAuthorization: Bearer ${access}\r\n` +
          'X-Pomerium-Jwt-Assertion: forged.one\r\nx-pomerium-jwt-assertion: forged.two\r\nX-POMERIUM-JWT-ASSERTION:forged.three\r\n' +
          'X-Pomerium-Authorization: forged.four\r\nConnection: close\r\n\r\n',
      );
      expect(answer.status).toBe(200);
      const values = bed.echo.lastValues('x-pomerium-jwt-assertion');
      expect(values).toHaveLength(server === B ? 1 : 0);
      expect(values.join()).not.toContain('forged');
      expect(bed.echo.last('x-pomerium-authorization')).toBeUndefined();
    }
  });

  test('TK-4 an underscore does not smuggle one in', async () => {
    const bed = await Bed.open();
    const head =
      'GET / HTTP/1.1\r\nHost: b.localhost:8443\r\nX_Pomerium_Jwt_Assertion: forged\r\nConnection: close\r\n\r\n';
    expect((await bed.raw(head)).status).toBe(400);
  });

  test('TK-4 is not held for claims, as in Pomerium: a client’s own x-pomerium-claim-email reaches the upstream', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const { access } = await client.tokens();
    await client.call(access, B, { headers: { 'x-pomerium-claim-email': 'ceo@company.com' } });
    expect(bed.echo.last('x-pomerium-claim-email')).toBe('ceo@company.com');
  });

  test('TK-5 no token, code, verifier or secret is in the log, or in a URL that an upstream or another site gets to see', async () => {
    const bed = await Bed.open({ keys: 'log_level: debug' });
    const client = bed.client();
    await client.register({ token_endpoint_auth_method: 'client_secret_post' });
    const code = await client.code();
    const first = tokensOf(await client.redeem(code, { client_secret: client.secret }));
    const second = tokensOf(await client.refresh(first.refresh, { client_secret: client.secret }));
    await client.call(second.access);
    await client.refresh(first.refresh, { client_secret: client.secret });
    await client.redeem(code, { client_secret: client.secret });
    const secrets = [
      code,
      client.verifier,
      client.secret,
      'idp-secret',
      ...Object.values(first),
      ...Object.values(second),
    ];
    for (const secret of secrets) {
      expect(bed.logText).not.toContain(secret);
      expect(bed.logText).not.toContain(encodeURIComponent(secret));
      expect(JSON.stringify(bed.echo.received)).not.toContain(secret);
    }
    // The client's own redirect is where a code belongs; no other URL has one.
    const urls = client.person.shown.map(({ url, headers }) => `${url} ${headers.get('location') ?? ''}`);
    expect(urls.filter((url) => url.includes(encodeURIComponent(code)) && !url.includes(CALLBACK))).toEqual([]);
  });

  test('TK-6 a code is good once, for its client and its verifier, and for ten minutes', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    const other = bed.client(client.person);
    await other.register();
    const code = await client.code();
    expect((await client.redeem(code, { client_id: other.id })).status).toBe(400);
    expect((await client.redeem(code, { code_verifier: other.verifier })).status).toBe(400);
    expect((await client.redeem(code, { code_verifier: undefined })).status).toBe(400);
    expect((await client.redeem(code)).status).toBe(200);
    expect((await client.redeem(code)).body).toEqual({ error: 'invalid_grant' });
    const late = await client.code();
    later(11 * 60_000);
    expect((await client.redeem(late)).body).toEqual({ error: 'invalid_grant' });
  });

  test('TK-6 is not held for the rest, as in Pomerium: a second use revokes nothing, and the redirect URI is not asked again', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    const code = await client.code();
    const { access } = tokensOf(await client.redeem(code, { redirect_uri: 'https://elsewhere.example/' }));
    expect((await client.redeem(code)).status).toBe(400);
    expect((await client.call(access)).status).toBe(200);
  });

  test('TK-7 a refresh token is good once, and the next one takes its place', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const first = await client.tokens();
    const second = tokensOf(await client.refresh(first.refresh));
    expect(second.refresh).not.toBe(first.refresh);
    expect((await client.refresh(first.refresh)).body).toEqual({ error: 'invalid_grant' });
  });

  test('TK-7 is not held for the family, as in Pomerium: after the reuse of an old token the newest goes on', async () => {
    const bed = await Bed.open();
    const client = bed.client(bed.browserOf(BOB));
    const first = await client.tokens();
    const second = tokensOf(await client.refresh(first.refresh));
    expect((await client.refresh(first.refresh)).status).toBe(400);
    expect((await client.call(second.access)).status).toBe(200);
    expect((await client.refresh(second.refresh)).status).toBe(200);
  });

  test('SC-1 a challenge names no scope at all, so that a client asks for none', async () => {
    const bed = await Bed.open();
    const { headers } = await bed.client().call(undefined);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer resource_metadata="[^"]+"$/);
    const metadata = await bed.browserOf().json(`${A}/.well-known/oauth-protected-resource`);
    expect(metadata).not.toHaveProperty('scopes_supported');
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

import { describe, expect, test } from 'vitest';
import { A, APP, B, Bed } from './support/bed.ts';
import { tokensOf } from './support/mcp-client.ts';

const strict = () => Bed.open({ strict: true });

describe('token handling of gateway --strict', () => {
  test('TK-2 strict: a token for one host is refused at another, and so are its code and its refresh token', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    const code = await client.code(A);
    expect((await client.redeem(code, {}, B)).body).toEqual({ error: 'invalid_grant' });
    const { access, refresh } = tokensOf(await client.redeem(code));
    expect((await client.call(access, A)).status).toBe(200);
    expect((await client.call(access, B)).status).toBe(401);
    expect((await client.refresh(refresh, {}, B)).body).toEqual({ error: 'invalid_grant' });
    expect((await client.refresh(refresh)).status).toBe(200);
  });

  test('TK-2 strict: a resource of another host is refused at authorization and at the token endpoint', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    expect((await client.authorize({ resource: `${B}/mcp` })).status).toBe(400);
    expect((await client.authorize({ resource: `${A}/#x` })).status).toBe(400);
    const code = await client.code(A, { resource: `${A}/mcp` });
    expect((await client.redeem(code, { resource: B })).body).toEqual({ error: 'invalid_target' });
    expect((await client.redeem(code, { resource: `${A}/mcp` })).status).toBe(200);
  });

  test('TK-2 strict: the token of an application behind a client route opens every server of its user, for five minutes', async () => {
    const bed = await strict();
    const person = bed.browserOf();
    await person.open(`${APP}/`);
    const token = bed.echo.last('authorization')?.replace('Bearer ', '') ?? '';
    const client = bed.client(person);
    expect([(await client.call(token, A)).status, (await client.call(token, B)).status]).toEqual([200, 200]);
  });

  test('TK-4 strict: no x-pomerium header of a client reaches an upstream', async () => {
    const bed = await strict();
    const client = bed.client();
    const { access } = await client.tokens(B);
    const headers = { 'x-pomerium-claim-email': 'ceo@company.com', 'x-pomerium-routing-key': 'x' };
    expect((await client.call(access, B, { headers })).status).toBe(200);
    expect(Object.keys(headers).map((name) => bed.echo.last(name))).toEqual([undefined, undefined]);
    expect(bed.echo.lastValues('x-pomerium-jwt-assertion')).toHaveLength(1);
  });

  test('TK-6 strict: the second use of a code revokes what the first issued', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    const code = await client.code();
    const { access, refresh } = tokensOf(await client.redeem(code));
    expect((await client.call(access)).status).toBe(200);
    expect((await client.redeem(code)).status).toBe(400);
    expect((await client.call(access)).status).toBe(401);
    expect((await client.refresh(refresh)).status).toBe(400);
    // The person is still signed in: only what the code led to has ended.
    expect((await client.authorize()).url).toContain('?code=');
  });

  test('TK-6 strict: a code is bound to its redirect URI', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    const code = await client.code();
    expect((await client.redeem(code, { redirect_uri: 'http://127.0.0.1:1/callback' })).status).toBe(400);
    expect((await client.redeem(code, { redirect_uri: undefined })).status).toBe(400);
    expect((await client.redeem(code)).status).toBe(200);
  });

  test('TK-7 strict: the reuse of an old refresh token revokes its whole line, and no other', async () => {
    const bed = await strict();
    const client = bed.client();
    // One sign-in stands behind both lines, and so does one token of the provider.
    bed.provider.mischief.reusableRefreshTokens = true;
    const first = await client.tokens();
    const other = tokensOf(await client.redeem(await client.code()));
    const second = tokensOf(await client.refresh(first.refresh));
    const third = tokensOf(await client.refresh(second.refresh));
    expect((await client.refresh(first.refresh)).status).toBe(400);
    const statuses = await Promise.all([first, second, third, other].map(({ access }) => client.call(access)));
    expect(statuses.map(({ status }) => status)).toEqual([401, 401, 401, 200]);
    expect((await client.refresh(third.refresh)).status).toBe(400);
    expect((await client.refresh(other.refresh)).status).toBe(200);
    expect(bed.logText).toContain('was used twice');
  });

  test('TK-7 strict: of two refreshes at once with one token, no line survives', async () => {
    const bed = await strict();
    const client = bed.client();
    bed.provider.mischief.reusableRefreshTokens = true;
    const first = await client.tokens();
    const answers = await Promise.all([client.refresh(first.refresh), client.refresh(first.refresh)]);
    const issued = answers.filter(({ status }) => status === 200).map(tokensOf);
    expect(issued.length).toBeLessThanOrEqual(1);
    for (const { access } of issued) expect((await client.call(access)).status).toBe(401);
  });
});

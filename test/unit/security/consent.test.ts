import { afterEach, describe, expect, test, vi } from 'vitest';
import { Bed, BOB, UP } from './support/bed.ts';
import { CALLBACK } from './support/mcp-client.ts';

const CALLBACK_PATH = '/.pomerium/mcp/client/oauth/callback';

afterEach(() => void vi.useRealTimers());

/** The upstream's authorization server gives tokens for every code. */
function givesTokens(bed: Bed): void {
  bed.upas.handler = (_, response) =>
    void response
      .setHeader('content-type', 'application/json')
      .end('{"access_token":"internal-token","token_type":"Bearer","expires_in":3600}');
}

/** Where the upstream's authorization server would be asked for consent. */
async function sentUpstream(bed: Bed, client = bed.client()): Promise<URL> {
  if (client.id === '') await client.register();
  await client.authorize({}, UP);
  return new URL(client.person.shown.at(-1)?.url ?? '');
}

describe('confused deputy and consent', () => {
  test('CD-1, CD-2, CD-3 are not held, as in Pomerium: nobody is asked, so a client that the user never saw gets a code', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    const name = '<script>alert(1)</script>';
    await client.register({ client_name: name });
    const { url } = await client.authorize();
    expect(url).toContain(`${CALLBACK}?code=`);
    // No page of the way there was made of what the client says of itself.
    expect(client.person.shown.filter(({ body }) => body.includes('alert(1)'))).toEqual([]);
    expect(client.person.shown.filter(({ status }) => status === 200)).toEqual([]);
  });

  test('CD-1 is not held, as in Pomerium: a second client uses the upstream that the first one was allowed', async () => {
    const bed = await Bed.open();
    givesTokens(bed);
    const client = bed.client();
    const state = (await sentUpstream(bed, client)).searchParams.get('state') ?? '';
    const { url } = await client.person.open(`${UP}${CALLBACK_PATH}?code=up&state=${state}`);
    expect(url).toContain(`${CALLBACK}?code=`);
    const stranger = bed.client(client.person);
    await stranger.register();
    expect((await stranger.authorize({}, UP)).url).toContain(`${CALLBACK}?code=`);
  });

  test('CD-4 cookies are Secure and HttpOnly and belong to one host', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.tokens();
    const lines = client.person.shown.flatMap(({ headers }) => headers.getSetCookie());
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      expect(line).toMatch(/; HttpOnly/);
      expect(line).toMatch(/; Secure/);
      expect(line).not.toMatch(/; Domain=/);
    }
  });

  test('CD-4 is not held for the rest, as in Pomerium: cookies have no __Host- prefix and, unless configured, no SameSite', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.tokens();
    const lines = client.person.shown.flatMap(({ headers }) => headers.getSetCookie());
    expect(lines.filter((line) => /__Host-|SameSite/.test(line))).toEqual([]);
  });

  test('CD-5 the state for an upstream is random, good once, and for ten minutes at most', async () => {
    const bed = await Bed.open();
    givesTokens(bed);
    const alice = bed.client();
    const state = (await sentUpstream(bed, alice)).searchParams.get('state') ?? '';
    const bob = bed.client(bed.browserOf(BOB));
    const late = (await sentUpstream(bed, bob)).searchParams.get('state') ?? '';
    expect(Buffer.from(state, 'base64url')).toHaveLength(32);
    expect(late).not.toBe(state);
    expect((await alice.person.open(`${UP}${CALLBACK_PATH}?code=up&state=${state}x`)).status).toBe(400);
    expect((await alice.person.open(`${UP}${CALLBACK_PATH}?code=up&state=${state}`)).url).toContain(CALLBACK);
    expect((await alice.person.open(`${UP}${CALLBACK_PATH}?code=up&state=${state}`)).status).toBe(400);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    expect((await bob.person.open(`${UP}${CALLBACK_PATH}?code=up&state=${late}`)).status).toBe(400);
  });

  test('CD-5 is not held for the browser, as in Pomerium: whoever brings the state is taken for the user who began', async () => {
    const bed = await Bed.open();
    givesTokens(bed);
    const state = (await sentUpstream(bed)).searchParams.get('state') ?? '';
    const nobody = bed.browserOf(BOB);
    expect((await nobody.open(`${UP}${CALLBACK_PATH}?code=up&state=${state}`)).url).toContain(`${CALLBACK}?code=`);
  });
});

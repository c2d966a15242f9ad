import { describe, expect, test } from 'vitest';
import type { Shown } from '../../helpers/person.ts';
import { A, B, Bed, BOB, DOCUMENT, UP } from './support/bed.ts';
import { CALLBACK } from './support/mcp-client.ts';

const CALLBACK_PATH = '/.pomerium/mcp/client/oauth/callback';
const strict = () => Bed.open({ strict: true });

async function asked(metadata: Record<string, unknown> = {}, parameters: Record<string, string> = {}) {
  const bed = await strict();
  const client = bed.client();
  await client.register(metadata);
  return { bed, client, shown: await client.authorize(parameters) };
}

function isConsentPage(shown: Shown): boolean {
  return shown.status === 200 && shown.body.includes('name="consent"');
}

describe('consent of gateway --strict', () => {
  test('CD-1 strict: each user is asked for each client, before anything is sent upstream, and once', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    const shown = await client.authorize({}, UP);
    expect([isConsentPage(shown), bed.upas.asked]).toEqual([true, []]);
    const sent = await client.consent(shown);
    expect(client.person.shown.at(-1)?.url).toContain('https://upas.localhost/authorize?');
    expect(sent.url).toContain('https://upas.localhost/');
    expect(isConsentPage(await client.authorize({}, UP))).toBe(false);
    const stranger = bed.client(client.person);
    await stranger.register();
    expect(isConsentPage(await stranger.authorize({}, UP))).toBe(true);
    const bob = bed.client(bed.browserOf(BOB));
    bob.id = client.id;
    expect(isConsentPage(await bob.authorize({}, UP))).toBe(true);
  });

  test('CD-1 strict: who says no, or holds a token only, gives no code', async () => {
    const { client, shown } = await asked();
    const denied = await client.consent(shown, 'deny');
    expect(new URL(denied.url).search).toBe('?error=access_denied&state=st-1');
    expect(isConsentPage(await client.authorize())).toBe(true);
    const { access } = await client.tokens();
    const withToken = await client.call(access, A, { method: 'GET', path: client.authorizeUrl().replace(A, '') });
    expect(withToken.status).toBe(401);
  });

  test('CD-2 strict: the page names client, host, scopes and user, and escapes what the client says of itself', async () => {
    const name = '"><script>alert(1)</script>\u202e';
    const { shown } = await asked({ client_name: name, redirect_uris: [CALLBACK] }, { scope: 'write <b> read' });
    for (const text of [
      '&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;',
      'http://127.0.0.1:7777',
      'alice@company.com',
      'a.localhost:8443',
      '<code>&lt;b&gt;</code>',
      'any program here can say so',
    ]) {
      expect(shown.body).toContain(text);
    }
    expect(shown.body).not.toMatch(/<script|\u202e/);
  });

  test('CD-2 strict: the page for a site warns of nothing, and a document’s client is named', async () => {
    const bed = await strict();
    bed.documents.handler = (_, response) =>
      void response.end(
        JSON.stringify({ client_id: DOCUMENT, client_name: 'Chat', redirect_uris: ['https://chat.example/cb'] }),
      );
    const client = bed.client();
    client.id = DOCUMENT;
    const shown = await client.authorize({ redirect_uri: 'https://chat.example/cb' });
    expect(shown.body).toContain('<dd>Chat (the name is its own');
    expect(shown.body).toContain('https://chat.example');
    expect(shown.body).not.toContain('class="warning"');
  });

  test('CD-3 strict: the page stands in no frame, and only its own form in its own browser is taken', async () => {
    const { bed, client, shown } = await asked();
    expect(shown.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    // Pomerium's own SAMEORIGIN stands beside it; of two values browsers take the page for one that no frame may show.
    expect(shown.headers.get('x-frame-options')).toMatch(/^DENY\b/);
    const statuses = [
      await client.consent(shown, 'allow', { consent: '' }),
      await client.consent(shown, 'allow', { consent: 'x'.repeat(300) }),
      await bed.client(bed.browserOf(BOB)).consent(shown),
      await client.person.open(`${A}/.pomerium/mcp/consent`),
    ].map(({ status }) => status);
    expect(statuses).toEqual([400, 400, 401, 405]);
    const bob = bed.client(bed.browserOf(BOB));
    bob.id = client.id;
    await bob.authorize();
    // Signed in himself, with the form of somebody else.
    expect((await bob.consent(shown)).status).toBe(400);
    const foreign = await client.person.open(`${A}/.pomerium/mcp/consent`, {
      method: 'POST',
      body: new URLSearchParams({ consent: 'x', decision: 'allow' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
    });
    expect(foreign.status).toBe(403);
    expect((await client.consent(shown)).url).toContain(`${CALLBACK}?code=`);
  });

  test('CD-4 strict: every cookie is __Host-, Secure, HttpOnly and SameSite=Lax', async () => {
    const { client, shown } = await asked();
    await client.consent(shown);
    const lines = client.person.shown.flatMap(({ headers }) => headers.getSetCookie());
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) {
      expect(line).toMatch(/^__Host-[^=]+=/);
      for (const attribute of ['Path=/;', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(line).toContain(attribute);
      expect(line).not.toContain('Domain=');
    }
  });

  test('CD-4 strict: consent counts for one client, redirect URI, host and set of scopes', async () => {
    const uris = [CALLBACK, 'https://app.example/cb'];
    const { client, shown } = await asked({ redirect_uris: uris }, { scope: 'a b' });
    await client.consent(shown);
    expect((await client.authorize({ scope: 'b a' })).url).toContain('?code=');
    expect(isConsentPage(await client.authorize({ scope: 'a b c' }))).toBe(true);
    expect(isConsentPage(await client.authorize({ scope: 'a b', redirect_uri: 'https://app.example/cb' }))).toBe(true);
    expect(isConsentPage(await client.authorize({ scope: 'a b' }, B))).toBe(true);
  });

  test('CD-5 strict: the state for an upstream counts in the browser that began, and is not spent by another', async () => {
    const bed = await strict();
    bed.upas.handler = (_, response) =>
      void response
        .setHeader('content-type', 'application/json')
        .end('{"access_token":"internal-token","token_type":"Bearer","expires_in":3600}');
    const client = bed.client();
    await client.register();
    await client.consent(await client.authorize({}, UP));
    const state = new URL(client.person.shown.at(-1)?.url ?? '').searchParams.get('state') ?? '';
    const back = `${UP}${CALLBACK_PATH}?code=up&state=${state}`;
    const nobody = bed.browserOf(BOB);
    expect((await nobody.open(back)).status).toBe(400);
    const bob = bed.client(nobody);
    bob.id = client.id;
    await bob.authorize({}, UP);
    expect((await nobody.open(back)).status).toBe(400);
    expect((await client.person.open(back)).url).toContain(`${CALLBACK}?code=`);
  });
});

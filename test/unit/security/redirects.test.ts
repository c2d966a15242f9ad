import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { A, Bed, DOCUMENT } from './support/bed.ts';
import { CALLBACK } from './support/mcp-client.ts';

const REGISTERED = 'https://app.example/cb';

describe('redirects and registration', () => {
  test.each([
    'https://app.example/cb/',
    'https://app.example/cb/../evil',
    'https://app.example/cb?x=1',
    'https://app.example/cb#x',
    'https://app.example:444/cb',
    'https://app.example.evil.test/cb',
    'https://user@app.example/cb',
    'http://app.example/cb',
    'HTTPS://APP.EXAMPLE/cb',
    'https://app.example/c',
  ])('RD-1 %s is no https://app.example/cb', async (redirect) => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register({ redirect_uris: [REGISTERED] });
    expect((await client.authorize({ redirect_uri: redirect })).status).toBe(400);
    expect((await client.authorize({ redirect_uri: redirect })).headers.get('location')).toBeNull();
  });

  test('RD-1 on loopback the port may differ, and nothing else of user, host and path', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    const at = async (redirect: string): Promise<string> => {
      const shown = await client.person.open(client.authorizeUrl({ redirect_uri: redirect }));
      return `${shown.status} ${shown.headers.get('location') ?? shown.url}`;
    };
    // The browser stops at the client's own address only; that of another port is one that nobody listens on.
    await client.code();
    await expect(at('http://127.0.0.1:1/callback')).rejects.toThrow('fetch failed');
    for (const wrong of [
      'http://localhost:7777/callback',
      'http://127.0.0.1:7777/other',
      'http://127.0.0.1:7777/callback/../x',
      'http://user@127.0.0.1:7777/callback',
      'http://127.0.0.2:7777/callback',
      'http://127.0.0.1.evil.test:7777/callback',
      'https://127.0.0.1:7777/callback',
    ]) {
      expect(await at(wrong)).toMatch(/^400 /);
    }
  });

  test('RD-1 is not held for the query, as in Pomerium, and [::1] has no port of its choice', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register({ redirect_uris: [CALLBACK, 'http://[::1]:7777/callback'] });
    expect((await client.authorize({ redirect_uri: `${CALLBACK}?next=evil` })).url).toMatch(/next=evil/);
    expect((await client.authorize({ redirect_uri: 'http://[::1]:8888/callback' })).status).toBe(400);
  });

  test('RD-2 an unknown client and a wrong redirect URI are told to the person, and nobody is redirected', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    for (const [changes, status] of [
      [{ client_id: '00000000-0000-4000-8000-000000000000' }, 401],
      [{ redirect_uri: 'https://evil.example/' }, 400],
      [{ client_id: undefined }, 400],
      [{ response_type: 'token' }, 400],
    ] as const) {
      const shown = await client.authorize({ redirect_uri: 'https://evil.example/', ...changes });
      expect([shown.status, shown.headers.get('location')]).toEqual([status, null]);
      expect(shown.headers.get('content-type')).toContain('text/html');
    }
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'http://evil.example/cb',
    'https://app.example/cb#f',
  ])('RD-3 is not held, as in Pomerium: a client may register %s', async (redirect) => {
    const bed = await Bed.open();
    expect((await bed.client().register({ redirect_uris: [redirect] })).status).toBe(200);
  });

  test('RD-3 is not held for limits, as in Pomerium: many redirect URIs, and registrations in a row', async () => {
    const bed = await Bed.open();
    const many = Array.from({ length: 500 }, (_, at) => `https://app.example/${at}`);
    for (let count = 0; count < 40; count++) {
      expect((await bed.client().register({ redirect_uris: many, application_type: 'web' })).status).toBe(200);
    }
  });

  test('RD-3 registration is off unless the flag turns it on, and a body of more than a mebibyte is never read', async () => {
    const off = await Bed.open({ keys: '' });
    const padding = 'x'.repeat(1_100_000);
    const answered = await off.client().register({ redirect_uris: [REGISTERED], unknown: padding });
    expect(answered.status).toBe(400);
  });

  test('RD-4 a client metadata document is taken as it stands at its own https URL', async () => {
    const { bed, authorize } = await withDocument();
    expect((await authorize()).url).toContain(`${CALLBACK}?code=`);
    expect(bed.documents.asked).toEqual(['GET /client.json']);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['another client_id', (response) => response.end(documentOf({ client_id: `${DOCUMENT}x` }))],
    ['no JSON', (response) => response.end('<html></html>')],
    ['another status than 200', (response) => response.writeHead(201).end(documentOf())],
    ['a redirect', (response) => response.writeHead(302, { location: `${DOCUMENT}?again` }).end()],
    ['more than 5 KB', (response) => response.end(documentOf({ padding: 'x'.repeat(5_200) }))],
    ['no redirect URI', (response) => response.end(documentOf({ redirect_uris: [] }))],
    ['a secret’s method', (response) => response.end(documentOf({ token_endpoint_auth_method: 'client_secret_post' }))],
  ])('RD-4 a document with %s is refused, and one that was mended counts at once', async (_, answer) => {
    const { bed, authorize } = await withDocument();
    bed.documents.handler = (_request, response) => answer(response);
    expect((await authorize()).status).toBe(400);
    bed.documents.handler = (_request, response) => void response.end(documentOf());
    expect((await authorize()).url).toContain(`${CALLBACK}?code=`);
  });

  test.each([
    ['http', 'http://client.localhost:9443/client.json', 401],
    ['no path', 'https://client.localhost:9443/', 400],
    ['dot segments', 'https://client.localhost:9443/x/../client.json', 400],
    ['a user', 'https://u@client.localhost:9443/client.json', 400],
    ['a fragment', `${DOCUMENT}#x`, 400],
    ['a name below the listed one', 'https://x.client.localhost:9443/client.json', 401],
    ['another name', 'https://evil.localhost:9443/client.json', 401],
  ])('RD-4 a client id with %s is refused without a fetch', async (_, clientId, status) => {
    const { bed, authorize } = await withDocument();
    expect((await authorize({ client_id: clientId })).status).toBe(status);
    expect(bed.documents.asked).toEqual([]);
  });

  test('RD-5 a public client without a challenge is refused, and a verifier has to fit', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    for (const changes of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge: '' },
      { code_challenge_method: 's256' },
      { code_challenge: 'short' },
    ]) {
      expect((await client.authorize(changes)).status).toBe(400);
    }
  });

  test('RD-5 is not held, as in Pomerium: the method plain, and a client with a secret that proves nothing', async () => {
    const bed = await Bed.open();
    const client = bed.client();
    await client.register();
    const plain = await client.code(A, { code_challenge: client.verifier, code_challenge_method: 'plain' });
    expect((await client.redeem(plain)).status).toBe(200);
    await client.register({ token_endpoint_auth_method: 'client_secret_post' });
    const bare = await client.code(A, { code_challenge: undefined, code_challenge_method: undefined });
    expect((await client.redeem(bare, { code_verifier: undefined, client_secret: client.secret })).status).toBe(200);
  });
});

async function withDocument() {
  const bed = await Bed.open();
  bed.documents.handler = (_, response) => void response.end(documentOf());
  const client = bed.client();
  client.id = DOCUMENT;
  return { bed, authorize: (changes: Record<string, string> = {}) => client.authorize(changes) };
}

function documentOf(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({ client_id: DOCUMENT, client_name: 'Client', redirect_uris: [CALLBACK], ...changes });
}

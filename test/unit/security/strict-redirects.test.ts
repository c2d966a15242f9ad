import { describe, expect, test } from 'vitest';
import { PER_MINUTE } from '../../../src/gateway/strict/registration-limits.ts';
import { A, Bed } from './support/bed.ts';
import { CALLBACK } from './support/mcp-client.ts';

const strict = (keys = '') => Bed.open({ strict: true, keys });

describe('redirects and registration of gateway --strict', () => {
  test('RD-1 strict: the query counts too, and [::1] may have any port like its siblings', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register({ redirect_uris: [CALLBACK, 'http://[::1]:7777/callback'] });
    expect((await client.authorize({ redirect_uri: `${CALLBACK}?next=evil` })).status).toBe(400);
    expect((await client.authorize({ redirect_uri: 'http://[::1]:8888/callback' })).status).toBe(200);
    expect((await client.authorize({ redirect_uri: 'http://localhost:7777/callback' })).status).toBe(400);
    expect((await client.authorize({ redirect_uri: undefined })).status).toBe(400);
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'http://evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://localhost@evil.example/cb',
    'https://user@app.example/cb',
    'https://app.example/cb#f',
  ])('RD-3 strict: nobody registers %s', async (redirect) => {
    const bed = await strict();
    const { status, body } = await bed.client().register({ redirect_uris: [CALLBACK, redirect] });
    expect([status, body['error']]).toEqual([400, 'invalid_redirect_uri']);
  });

  test.each(['https://app.example/cb', 'http://localhost:1/cb', 'http://[::1]/cb', 'cursor://anysphere.cursor/cb'])(
    'RD-3 strict: what clients have goes on: %s',
    async (redirect) => {
      const bed = await strict();
      expect((await bed.client().register({ redirect_uris: [redirect] })).status).toBe(200);
    },
  );

  test('RD-3 strict: application_type is honoured', async () => {
    const bed = await strict();
    const register = async (type: unknown, redirect: string): Promise<number> =>
      (await bed.client().register({ application_type: type, redirect_uris: [redirect] })).status;
    expect(await register('web', 'https://app.example/cb')).toBe(200);
    expect(await register('web', CALLBACK)).toBe(400);
    expect(await register('web', 'https://localhost/cb')).toBe(400);
    expect(await register('native', CALLBACK)).toBe(200);
    expect(await register('other', CALLBACK)).toBe(400);
    expect(await register(7, CALLBACK)).toBe(400);
  });

  test('RD-3 strict: size, number and rate have limits', async () => {
    const bed = await strict();
    const many = Array.from({ length: 11 }, (_, at) => `https://app.example/${at}`);
    const register = (metadata: Record<string, unknown>) => bed.client().register(metadata);
    expect((await register({ redirect_uris: many })).status).toBe(400);
    expect((await register({ unknown: 'x'.repeat(20_000) })).status).toBe(400);
    expect((await register({ grant_types: ['password'] })).status).toBe(400);
    expect((await register({ response_types: ['token'] })).status).toBe(400);
    const statuses: number[] = [];
    let last = await register({});
    for (let count = 0; count < PER_MINUTE && last.status === 200; count++) {
      statuses.push(last.status);
      last = await register({});
    }
    expect([last.status, last.headers.get('retry-after')]).toEqual([429, '60']);
    expect(statuses.length).toBeLessThan(PER_MINUTE);
  });

  test('RD-5 strict: the method plain, and a client with a secret that proves nothing, are refused', async () => {
    const bed = await strict();
    const client = bed.client();
    await client.register();
    const plain = { code_challenge: client.verifier, code_challenge_method: 'plain' };
    expect((await client.authorize(plain)).status).toBe(400);
    expect((await client.authorize({ code_challenge_method: undefined })).status).toBe(400);
    await client.register({ token_endpoint_auth_method: 'client_secret_post' });
    const bare = { code_challenge: undefined, code_challenge_method: undefined };
    expect((await client.authorize(bare)).status).toBe(400);
    const code = await client.code(A);
    expect((await client.redeem(code, { client_secret: client.secret })).status).toBe(200);
  });
});

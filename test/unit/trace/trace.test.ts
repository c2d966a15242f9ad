import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createFetch } from '../../../src/net/fetch.ts';
import { redactBody, redactHeader, redactUrl } from '../../../src/trace/redact.ts';
import { judgeTrace, recordExchanges, toHar } from '../../../src/trace/index.ts';

const SECRET = 'kAJ28dhw8sHDw82hdw8';
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<URL> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

describe('what is masked', () => {
  test.each([
    `https://a.test/cb?code=${SECRET}&iss=x`,
    `https://a.test/cb#access_token=${SECRET}`,
    `https://a.test/sign_in?pomerium_redirect_uri=${encodeURIComponent(`https://b.test/?code=${SECRET}&state=${SECRET}`)}`,
    `https://user:${SECRET}@a.test/`,
  ])('%s', (url) => expect(redactUrl(url)).not.toContain(SECRET));

  test('an address keeps what is not secret', () => {
    expect(redactUrl(`https://a.test/authorize?client_id=x&state=${SECRET}&scope=a+b`)).toBe(
      'https://a.test/authorize?client_id=x&state=…&scope=a+b',
    );
  });

  test.each([
    ['Authorization', `Bearer ${SECRET}`],
    ['cookie', `_pomerium=${SECRET}; other=${SECRET}`],
    ['Set-Cookie', `_pomerium=${SECRET}; Path=/; HttpOnly`],
    ['location', `https://a.test/cb?code=${SECRET}`],
    ['x-pomerium-jwt-assertion', JWT],
    ['x-other', JWT],
  ])('the header %s', (name, value) => {
    const shown = redactHeader(name, value);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(JWT);
    expect(shown).toContain('…');
  });

  test.each([
    ['application/json', JSON.stringify({ access_token: SECRET, nested: [{ client_secret: SECRET }] })],
    ['application/json', JSON.stringify({ url: `https://a.test/?code=${SECRET}` })],
    ['application/x-www-form-urlencoded', `grant_type=refresh_token&refresh_token=${SECRET}&client_secret=${SECRET}`],
    [
      'text/html',
      `<a href="https://a.test/cb?code=${SECRET}&amp;state=${SECRET}">on</a> {"id_token": "${SECRET}"} ${JWT}`,
    ],
    ['text/plain', `{"refresh_token":"${SECRET}", broken`],
  ])('a body of %s', (type, body) => {
    const shown = redactBody(body, type);
    expect(shown).not.toContain(SECRET);
    expect(shown).not.toContain(JWT);
  });
});

describe('the conversation', () => {
  test('each exchange has its place, its rule and what was wrong with it', async () => {
    const url = await serve((request, response) => {
      const { origin } = new URL(`http://${request.headers.host}`);
      const path = request.url ?? '';
      const json = (status: number, body: object): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (path.startsWith('/.well-known/oauth-protected-resource'))
        return json(200, { authorization_servers: [origin] });
      if (path.startsWith('/.well-known/oauth-authorization-server')) {
        const endpoints = {
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          registration_endpoint: `${origin}/register`,
        };
        return json(200, { issuer: origin, ...endpoints });
      }
      if (path === '/register') return json(403, { error: 'access_denied' });
      if (path.startsWith('/authorize'))
        return void response
          .writeHead(302, { location: 'http://127.0.0.1:1/cb?error=access_denied&error_description=no' })
          .end();
      if (path === '/token') return json(400, { error: 'invalid_grant', error_description: 'too late' });
      if (request.headers.authorization) return json(401, {});
      return void response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    });
    const recorder = recordExchanges(createFetch(), () => Date.now());
    const get = async (path: string, init?: RequestInit): Promise<void> => {
      const response = await recorder.fetch(new URL(path, url), { redirect: 'manual', ...init });
      await response.text();
    };
    await get('/mcp', { method: 'POST', body: '{}' });
    await get('/.well-known/oauth-protected-resource/mcp');
    await get('/.well-known/oauth-authorization-server');
    await get('/register', { method: 'POST', body: '{}' });
    await get('/authorize?client_id=x');
    await get('/token', { method: 'POST', body: `code=${SECRET}` });
    await get('/mcp', { method: 'POST', body: '{}', headers: { authorization: `Bearer ${SECRET}` } });

    const steps = judgeTrace(recorder, url);
    expect(steps.map(({ title, wrong }) => [title, wrong])).toEqual([
      ['asks without a token', 'WWW-Authenticate names no resource_metadata'],
      ['reads the protected resource metadata', 'resource is missing'],
      ['reads the authorization server metadata', 'it does not say that it takes S256'],
      ['registers this client', '403 instead of 200 or 201'],
      ['asks for a code', 'error=access_denied no'],
      ['exchanges for a token', '400 invalid_grant: too late'],
      ['calls with the token', '401: the token is not accepted'],
    ]);
    for (const { rule, expected } of steps) expect(rule && expected).toBeTruthy();
    const har = JSON.stringify(toHar(steps));
    expect(har).not.toContain(SECRET);
    expect((JSON.parse(har) as { log: { version: string; entries: unknown[] } }).log).toMatchObject({
      version: '1.2',
      entries: { length: 7 },
    });
  });

  test('a server that is not there is an exchange without an answer', async () => {
    const recorder = recordExchanges(createFetch(), () => Date.now());
    const url = new URL('http://127.0.0.1:1/mcp');
    await expect(recorder.fetch(url)).rejects.toThrow();
    expect(judgeTrace(recorder, url)[0]).toMatchObject({ status: 0, wrong: expect.stringMatching(/\S/) as unknown });
  });

  test('the answer that is recorded is handed on whole, and an event stream is not waited for', async () => {
    const big = 'x'.repeat(100_000);
    const url = await serve((request, response) => {
      if (request.url === '/big') response.end(big);
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    });
    const recorder = recordExchanges(createFetch(), () => Date.now());
    expect(await (await recorder.fetch(new URL('/big', url))).text()).toBe(big);
    const stream = await recorder.fetch(new URL('/events', url));
    const { value } = (await stream.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe('data: 1\n\n');
    expect(recorder.exchanges[1]?.responseBody).toBeUndefined();
  });
});

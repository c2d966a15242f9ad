import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startApp } from '../../../src/app/index.ts';
import { serve } from '../mcp/server.ts';
import { startRig, type Rig } from './rig.ts';

const serverPath = ({ gateway }: Rig, route: string): string =>
  `/server?url=${encodeURIComponent(gateway.urlOf(route).href)}`;

/** What the home page says about a server. */
async function cardOf(rig: Rig, name: string): Promise<string> {
  const { html } = await rig.get('/');
  const card = html
    .split('<li class="card">')
    .find((part) => part.includes(`>${name}</a>`) || part.includes(`>${name}<`));
  return (card ?? '').replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('the list of servers', () => {
  test('says of each what this user can do with it', async () => {
    const rig = await startRig();
    expect(await cardOf(rig, 'whoami')).toContain('✓ 1 tool');
    expect(await cardOf(rig, 'Book shop')).toContain('✓ 4 tools');
    expect(await cardOf(rig, 'Notes')).toMatch(/Needs a sign-in at its provider.*Connect/);
    expect(await cardOf(rig, 'Secret')).toContain('The policy refuses you');
    expect(await cardOf(rig, 'Down')).toContain('Does not answer');
  });

  test('does not wait for a server that never answers', async () => {
    const silent = await serve(() => undefined);
    onTestFinished(async () => silent.close());
    const rig = await startRig({ routes: { silent: { name: 'Silent', to: silent.url } } });
    expect(await cardOf(rig, 'Silent')).toContain('No answer yet');
  });

  test('says so when there is none', async () => {
    const { get } = await startRig({ routes: {} });
    expect((await get('/')).text).toContain('There are no MCP servers yet');
  });

  test('is read from what Pomerium has answered', async () => {
    const rig = await startRig();
    const file = join(import.meta.dirname, '../../fixtures/pomerium-live/routes-after-connect.http');
    const body = readFileSync(file, 'utf8').split('<<< response')[1]?.split('\n\n')[1] ?? '';
    rig.gateway.routesAnswer = { status: 200, body: body.trim() };
    const { text, status } = await rig.get('/');
    expect(status).toBe(200);
    expect(text).toContain('Plain server');
    expect(text).toMatch(/Up up\.corp\.test:18443 ✗ Does not answer ✓ Connected Disconnect/);
    expect(text).toMatch(/Wild \*\.wild\.corp\.test:18443 Any name that fits/);
  });

  test.each([
    [{ status: 500, body: 'Internal error. Check logs for request ID: x' }, 'cannot be used'],
    [{ status: 200, body: '<html>' }, 'cannot be used'],
    [{ status: 200, body: '{"servers":"none"}' }, 'cannot be used'],
    [{ status: 401, body: '{}' }, 'The token was refused'],
  ])('is an error with a way on when the gateway answers %j', async (answer, words) => {
    const { get, gateway } = await startRig();
    gateway.routesAnswer = answer;
    const { status, text, html } = await get('/');
    expect(status).toBe(502);
    expect(text).toContain(words);
    expect(html).toContain('Try again');
  });

  test('is an error when the gateway cannot be reached', async () => {
    const { gateway, log } = await startRig();
    const app = await startApp({
      url: gateway.url,
      listen: { host: '127.0.0.1', port: 0 },
      // Keys come; then it is gone.
      fetch: async (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (url.pathname.startsWith('/.well-known/')) return gateway.fetch(url, init);
        throw new TypeError('fetch failed: connect ECONNREFUSED');
      },
      llmFetch: gateway.fetch,
      log: (entry) => void log.push(entry),
    });
    const response = await fetch(`http://127.0.0.1:${app.address.port}/`, {
      headers: { authorization: 'Bearer t', 'x-pomerium-jwt-assertion': await gateway.sign() },
    });
    await app.close();
    expect(response.status).toBe(502);
    expect(await response.text()).toContain('The gateway cannot be reached');
  });
});

describe('a server’s page', () => {
  test('lists its tools with what they say of themselves', async () => {
    const rig = await startRig();
    const { text } = await rig.get(serverPath(rig, 'tools'));
    expect(text).toMatch(/Place an order place_order .* ! may destroy data reaches out to the internet 13 arguments/);
    expect(text).toMatch(/picture reads only no arguments/);
  });

  test('shows hostile names and descriptions as text', async () => {
    const rig = await startRig();
    const { html, text } = await rig.get(serverPath(rig, 'tools'));
    expect(text).toContain('<img src=x onerror=alert(1)>');
    expect(text).toContain('</p><script>document.title = "owned"</script>');
    expect(html).not.toMatch(/<img|<script>/);
  });

  test.each([
    ['notes', 'A sign-in at the server’s provider is needed'],
    ['secret', 'The gateway’s policy refuses this'],
    ['down', 'The server does not answer'],
  ])('says what stands in the way: %s', async (route, words) => {
    const rig = await startRig();
    expect((await rig.get(serverPath(rig, route))).text).toContain(words);
  });

  test('is there for servers that the gateway lists, and for no other address', async () => {
    const { get, gateway } = await startRig();
    for (const url of ['https://evil.example/', 'http://127.0.0.1:1/', gateway.url.href, '']) {
      expect((await get(`/server?url=${encodeURIComponent(url)}`)).status).toBe(404);
    }
    expect((await get('/server')).status).toBe(404);
  });
});

describe('connecting', () => {
  test('leads to the server’s host and back, then the server’s tools are there', async () => {
    const rig = await startRig();
    const link =
      /href="([^"]*mcp\/connect[^"]*)"[^>]*>Connect<span[^>]*> Notes/.exec((await rig.get('/')).html)?.[1] ?? '';
    const url = new URL(link.replaceAll('&amp;', '&'));
    expect(url.host).toBe(rig.gateway.urlOf('notes').host);
    const back = await rig.gateway.fetch(url);
    const { text } = await rig.get(back.headers.get('location') ?? '');
    expect(text).toContain('Notes is connected');
    expect(await cardOf(rig, 'Notes')).toMatch(/✓ 8 tools ✓ Connected/);
  });

  test('tells a failure in words, with the request to look for', async () => {
    const rig = await startRig();
    const url = new URL('/.pomerium/mcp/connect', rig.gateway.urlOf('whoami'));
    const { html } = await rig.get(serverPath(rig, 'whoami'));
    const link = /href="([^"]*mcp\/connect[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(link.startsWith(url.href)).toBe(true);
    const back = (await rig.gateway.fetch(link)).headers.get('location') ?? '';
    const { text } = await rig.get(back);
    expect(text).toContain('whoami could not be connected');
    expect(text).toMatch(/log has the reason under request [0-9a-f-]{36}/);
  });

  test('shows nothing of what a forged link says', async () => {
    const rig = await startRig();
    const host = rig.gateway.urlOf('whoami').host;
    const { text } = await rig.get(`/?connect=${host}&connect_error=Send+your+password+to+evil.example`);
    expect(text).toContain('could not be connected');
    expect(text).not.toContain('evil.example');
    expect((await rig.get('/?connect=evil.example&connect_error=x')).text).not.toContain('evil.example');
  });

  test('is undone by Disconnect', async () => {
    const rig = await startRig();
    rig.gateway.connected.add('notes');
    const sent = await rig.post('/disconnect', { server: rig.gateway.urlOf('notes').href }, '/');
    expect(sent.status).toBe(303);
    expect((await rig.get(sent.headers.get('location') ?? '')).text).toContain('Notes is disconnected');
    expect(await cardOf(rig, 'Notes')).toContain('Needs a sign-in');
  });
});

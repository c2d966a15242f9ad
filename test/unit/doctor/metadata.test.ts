import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createPlace, json, metadataOf, patientAt, runCheck, startFakeGateway, twisted } from './world.ts';

const RESOURCE = '/.well-known/oauth-protected-resource';
const SERVER = '/.well-known/oauth-authorization-server';

function fill(value: unknown, origin: string): unknown {
  return typeof value === 'string' ? value.replaceAll('ORIGIN', origin) : value;
}

const off = (text: string): string =>
  text.replace('mcp_dynamic_client_registration: true', 'mcp_dynamic_client_registration: false');
const noDomains = (text: string): string =>
  text.replace(/^mcp_allowed_client_id_domains:\n(?: {2}- .*\n)+/m, 'mcp_allowed_client_id_domains: []\n');

describe('protected resource metadata', () => {
  test.each([
    ['a slash more', (origin: string) => ({ resource: `${origin}/`, authorization_servers: [origin] })],
    [
      'plain http',
      (origin: string) => ({ resource: origin.replace('https', 'http'), authorization_servers: [origin] }),
    ],
    ['no resource', (origin: string) => ({ authorization_servers: [origin] })],
  ])('with %s is told with both texts', async (_, documentOf) => {
    const place = await twisted(RESOURCE, (response, origin) => json(response, documentOf(origin)));
    expect(await place.finding('MET-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(
        new RegExp(`^resource is .+, and clients use https://whoami.localhost:${place.port}$`),
      ) as unknown,
      evidence: expect.arrayContaining([`clients use: https://whoami.localhost:${place.port}`]) as unknown,
    });
  });

  test('with a path: a slash at its end is lost on the way, and the line to edit is told', async () => {
    const place = await createPlace('slash');
    await startFakeGateway(place, {
      twist: ({ url, headers }, response) => {
        const origin = `https://${headers.host}`;
        if (url === `${RESOURCE}/mcp`)
          return json(response, { resource: `${origin}/mcp`, authorization_servers: [origin] });
        if (url !== '/mcp/' && url !== '/mcp') return false;
        response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${origin}${RESOURCE}/mcp"` }).end();
        return true;
      },
    });
    await place.edit('pomerium-config.yaml', (text) => text.replace('server: {}', 'server: { path: /mcp }'));
    expect(await place.finding('MET-01')).toMatchObject({
      kind: 'ok',
      evidence: [`https://whoami.localhost:${place.port}/mcp`],
    });
    await place.edit('pomerium-config.yaml', (text) => text.replace('path: /mcp }', 'path: /mcp/ }'));
    expect(await place.finding('MET-01')).toMatchObject({
      kind: 'failure',
      fix: expect.stringMatching(
        /^edit pomerium-config.yaml at line \d+: mcp.server.path without the slash at its end\nmcpgw up$/,
      ) as unknown,
    });
  });

  test.each(['https://evil.example/$(id)', 'no URL', 'http://whoami.localhost'])(
    'is not fetched from %s',
    async (url) => {
      const place = await twisted('/', (response) =>
        response.writeHead(401, { 'www-authenticate': `Bearer resource_metadata="${url}"` }).end(),
      );
      expect(await place.finding('MET-01')).toMatchObject({
        kind: 'failure',
        text: `https://whoami.localhost:${place.port}: the challenge names ${url} as its metadata`,
        fix: expect.stringMatching(/^mcpgw restart\n/) as unknown,
      });
    },
  );

  test('that names another authorization server is told', async () => {
    const place = await twisted(RESOURCE, (response, origin) =>
      json(response, { resource: origin, authorization_servers: [`${origin}/`] }),
    );
    expect(await place.finding('MET-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^authorization_servers is \["https:.*\/"\], and lacks https:.*\d$/) as unknown,
    });
  });

  test.each<[string, (response: ServerResponse) => unknown, RegExp]>([
    ['500', (response) => response.writeHead(500).end('oops'), /answered 500$/],
    ['a page', (response) => response.end('<html>'), /something that is no JSON object$/],
    ['a list', (response) => response.end('[]'), /something that is no JSON object$/],
    ['binary rubbish', (response) => response.end(Buffer.alloc(5_000, 0xfe)), /something that is no JSON object$/],
    ['10 MB', (response) => response.end(`{"resource":"${'x'.repeat(10 * 1024 * 1024)}"}`), /more than 1 MiB$/],
    [
      'half an answer',
      (response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
      /./,
    ],
  ])('in place of which %s comes', async (_, act, text) => {
    const place = await twisted(RESOURCE, act);
    expect(await place.finding('MET-01')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(text) as unknown,
    });
    expect(await place.finding('MET-02')).toMatchObject({ kind: 'ok' });
  });
});

describe('authorization server metadata', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['another issuer', { issuer: 'https://evil.example' }, 'issuer is https://evil.example, looked up as ORIGIN'],
    ['a slash on the issuer', { issuer: 'ORIGIN/' }, 'issuer is ORIGIN/, looked up as ORIGIN'],
    [
      'no S256',
      { code_challenge_methods_supported: ['plain'] },
      'ORIGIN does not offer S256, without which MCP clients refuse to sign in',
    ],
    ['no token endpoint', { token_endpoint: undefined }, 'token_endpoint is missing, not a URL of ORIGIN'],
    [
      'an endpoint elsewhere',
      { authorization_endpoint: 'https://evil.example/authorize' },
      'authorization_endpoint is https://evil.example/authorize, not a URL of ORIGIN',
    ],
    [
      'no registration endpoint',
      { registration_endpoint: undefined },
      'registration is on in pomerium-config.yaml, and ORIGIN offers none',
    ],
  ])('with %s is told', async (_, change, text) => {
    const place = await twisted(SERVER, (response, origin) => {
      const changed = Object.entries(change).map(([name, value]) => [name, fill(value, origin)]);
      json(response, { ...metadataOf(origin), ...(Object.fromEntries(changed) as Record<string, unknown>) });
    });
    const origin = `https://whoami.localhost:${place.port}`;
    expect(await place.finding('MET-02')).toMatchObject({ kind: 'failure', text: text.replaceAll('ORIGIN', origin) });
    expect(await place.finding('SGN-02')).toMatchObject({ kind: 'skipped' });
  });
});

describe('registration', () => {
  test('both ways are open after create', async () => {
    const place = await createPlace('open');
    expect(await place.finding('REG-01')).toMatchObject({ kind: 'ok' });
  });

  test('off, with domains, is a warning that names who is shut out, and doctor itself is', async () => {
    const place = await createPlace('off');
    await place.edit('pomerium-config.yaml', off);
    expect(await place.finding('REG-01')).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining('Cursor') as unknown,
    });
    expect(await runCheck('SGN-02', patientAt(place.folder))).toEqual({
      kind: 'skipped',
      reason: 'doctor needs dynamic registration, and it is off',
    });
  });

  test('without a domain, clients that prefer their document are refused', async () => {
    const place = await createPlace('no-domains');
    await place.edit('pomerium-config.yaml', noDomains);
    expect(await place.finding('REG-01')).toMatchObject({
      kind: 'warning',
      text: expect.stringContaining('Claude') as unknown,
    });
  });

  test('with neither way nobody can connect', async () => {
    const place = await createPlace('neither');
    await place.edit('pomerium-config.yaml', (text) => noDomains(off(text)));
    expect(await place.finding('REG-01')).toMatchObject({
      kind: 'failure',
      fix: expect.stringContaining('mcp_dynamic_client_registration: true') as unknown,
    });
  });

  test('that the running gateway offers although the file says no, is a warning', async () => {
    const place = await createPlace('stale');
    await startFakeGateway(place);
    await place.edit('pomerium-config.yaml', off);
    expect(await place.finding('MET-02')).toMatchObject({ kind: 'warning', fix: 'mcpgw up' });
  });
});

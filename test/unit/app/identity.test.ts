import { generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { forgeryOf, startRig, toolPath } from './rig.ts';

const PLAIN = { 'x-pomerium-claim-email': 'admin@example.com', 'x-pomerium-claim-name': 'Ada Admin' };

async function withAssertion(make: (rig: Awaited<ReturnType<typeof startRig>>) => Promise<string | undefined>) {
  const rig = await startRig();
  const assertion = await make(rig);
  const response = await fetch(`${rig.direct}/`, {
    headers: {
      ...PLAIN,
      authorization: `Bearer ${rig.gateway.issueToken()}`,
      ...(assertion === undefined ? {} : { 'x-pomerium-jwt-assertion': assertion }),
    },
  });
  return { status: response.status, html: await response.text(), rig };
}

test('shows who is signed in, from the verified assertion', async () => {
  const { get } = await startRig();
  const { status, text } = await get('/');
  expect(status).toBe(200);
  expect(text).toContain('You are Max Member (staff)');
  expect(text).toContain('Signed in as member@example.com');
});

test.each([
  ['no assertion', async () => undefined, 'has no X-Pomerium-Jwt-Assertion header'],
  ['an unsigned one', async () => unsigned(), 'not signed with ES256'],
  [
    'one that somebody else has signed',
    async ({ gateway }: Awaited<ReturnType<typeof startRig>>) =>
      gateway.sign({}, (await generateKeyPair('ES256')).privateKey),
    'signature is wrong',
  ],
  [
    'one that has expired',
    async ({ gateway }: Awaited<ReturnType<typeof startRig>>) => gateway.sign({ iat: 1_000, exp: 2_000 }),
    'has expired',
  ],
  [
    'one for another route',
    async ({ gateway }: Awaited<ReturnType<typeof startRig>>) =>
      gateway.sign({ iss: 'whoami.localhost', aud: 'whoami.localhost' }),
    'none of this server',
  ],
  [
    'one for another audience',
    async ({ gateway }: Awaited<ReturnType<typeof startRig>>) => gateway.sign({ aud: 'whoami.localhost' }),
    'claim aud is wrong',
  ],
])('believes nobody with %s, whatever plain headers say', async (_, make, reason) => {
  const { status, html, rig } = await withAssertion(make);
  expect(status).toBe(401);
  expect(html).toContain('You are not signed in');
  expect(html.replaceAll('&#39;', "'")).toContain(reason);
  expect(html).not.toContain('example.com');
  expect(rig.gateway.seen.filter(({ path }) => path.startsWith('/.pomerium/'))).toEqual([]);
});

test('says that the route has to be a client route when there is no token', async () => {
  const { direct, gateway } = await startRig();
  const response = await fetch(`${direct}/`, { headers: { 'x-pomerium-jwt-assertion': await gateway.sign() } });
  expect(response.status).toBe(401);
  expect(await response.text()).toContain('has to be a client route');
});

test('never shows a token in a page or in the log', async () => {
  const { get, post, gateway, log } = await startRig();
  const pages = [await get('/'), await get(toolPath(gateway, 'tools', 'rows')), await get('/chat')];
  pages.push(await post(toolPath(gateway, 'tools', 'rows'), {}), await get('/nope'));
  expect(pages.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404]);
  expect(JSON.stringify([pages.map(({ html, headers }) => [html, ...headers]), log])).not.toMatch(/TE-|Bearer/);
});

test('sends strict headers with each page, and loads nothing from elsewhere', async () => {
  const { get } = await startRig();
  const { headers, html } = await get('/');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|style=/);
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(assets).toHaveLength(2);
  for (const asset of assets) expect((await get(asset)).status).toBe(200);
});

test('refuses forms that come from elsewhere', async () => {
  const { gateway, get, direct } = await startRig();
  gateway.connected.add('notes');
  const forgery = forgeryOf((await get('/')).html);
  const headers = {
    authorization: `Bearer ${gateway.issueToken()}`,
    'x-pomerium-jwt-assertion': await gateway.sign(),
    'content-type': 'application/x-www-form-urlencoded',
  };
  const send = async (from: string | undefined, token: string, sid = 's1'): Promise<number> => {
    const response = await fetch(`${direct}/disconnect`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        ...headers,
        'x-pomerium-jwt-assertion': await gateway.sign({ sid }),
        ...(from === undefined ? {} : { origin: from }),
      },
      body: new URLSearchParams({ forgery: token, server: gateway.urlOf('notes').href }).toString(),
    });
    return response.status;
  };
  expect(await send('https://evil.example', forgery)).toBe(403);
  expect(await send(gateway.urlOf('tools').origin, forgery)).toBe(403);
  expect(await send(gateway.url.origin, '')).toBe(403);
  expect(await send(gateway.url.origin, forgery, 'another session')).toBe(403);
  expect([...gateway.connected]).toEqual(['notes']);
  expect(await send(gateway.url.origin, forgery)).toBe(303);
  expect([...gateway.connected]).toEqual([]);
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'app.localhost', aud: 'app.localhost', iat: now, exp: now + 300, sub: 'admin' };
  return `${encode({ alg: 'none', kid: 'key-1' })}.${encode(claims)}.`;
}

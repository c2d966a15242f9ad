import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Bed, CALLBACK, HOST, STATIC, type BedOptions } from './support/bed.ts';
import { ScriptedService } from './support/service.ts';

const OWN_CALLBACK = `https://${HOST}/.pomerium/mcp/client/oauth/callback`;

let service: ScriptedService;
let bed: Bed;
let port: number;

beforeEach(async () => {
  service = new ScriptedService();
  port = await service.open();
});
afterEach(async () => {
  await bed.close();
  await service.close();
});

async function open(o: Partial<BedOptions> = {}): Promise<void> {
  bed = await Bed.start({
    ports: { 'upmcp.corp.test:443': port, 'upas.corp.test:443': port, 'evil.corp.test:443': port },
    ...o,
  });
}

/** Consents at the authorization server: the way back to the gateway. */
function consent(location: URL, sent = {}) {
  return bed.callback({ state: location.searchParams.get('state') ?? '', code: 'upcode' }, sent);
}

describe('with static endpoints', () => {
  beforeEach(async () => open({ server: STATIC }));

  test('sends the user to the upstream, and the client its code afterwards', async () => {
    const [token, clientId] = [await bed.signIn(), await bed.addClient()];
    const { status, location, headers, verifier } = await bed.authorize(token, clientId);
    expect(status).toBe(302);
    const { state, code_challenge: challenge, ...rest } = Object.fromEntries(location.searchParams);
    expect(`${location.origin}${location.pathname}`).toBe('https://upas.corp.test/authorize');
    expect(rest).toEqual({
      access_type: 'offline',
      client_id: 'preregistered',
      code_challenge_method: 'S256',
      redirect_uri: OWN_CALLBACK,
      resource: 'https://upmcp.corp.test',
      response_type: 'code',
      scope: 'read',
      tenant: '1',
    });
    expect(state).toMatch(/^[\w-]{43}$/);
    const names = headers.location
      ?.split('?')[1]
      ?.split('&')
      .map((pair) => pair.split('=')[0]);
    expect(names).toEqual(names?.toSorted());
    expect(bed.logText).toContain('ignoring extra param that conflicts with standard OAuth parameter');

    const back = await consent(location);
    expect(back.status).toBe(302);
    expect(`${back.location.origin}${back.location.pathname}`).toBe(CALLBACK);
    expect(back.location.searchParams.get('state')).toBe('st-1');
    const [form] = service.forms;
    expect(Object.fromEntries(form ?? [])).toEqual({
      client_id: 'preregistered',
      client_secret: 's3cret',
      code: 'upcode',
      code_verifier: expect.stringMatching(/^[\w-]{43}$/) as string,
      grant_type: 'authorization_code',
      redirect_uri: OWN_CALLBACK,
      resource: 'https://upmcp.corp.test',
    });
    const hash = createHash('sha256')
      .update(form?.get('code_verifier') ?? '')
      .digest('base64url');
    expect(challenge).toBe(hash);
    expect((await bed.redeem(clientId, back.location, verifier)).status).toBe(200);
    expect(service.seen.some((line) => line.includes('.well-known'))).toBe(false);
  });

  test('no key of it is said not to be honoured', () => {
    const told = bed.log.filter(({ level, message }) => level === 'warn' && message.includes('honour'));
    expect(told).toEqual([]);
  });

  test('a user with a token is not sent there again', async () => {
    const [token, clientId] = [await bed.signIn(), await bed.addClient()];
    await consent((await bed.authorize(token, clientId)).location);
    expect((await bed.authorize(token, clientId)).location.href).toMatch(
      /^http:\/\/127\.0\.0\.1:7777\/callback\?code=/,
    );
  });

  test('connect leads there, and back to where it was asked to', async () => {
    const token = await bed.signIn();
    const there = await bed.connect(token, 'https://app.corp.test/done?x=1');
    expect(there.location.origin).toBe('https://upas.corp.test');
    expect((await consent(there.location)).location.href).toBe('https://app.corp.test/done?x=1');
    expect((await bed.connect(token)).location.href).toBe('https://app.corp.test/done');
  });

  test('the callback needs nobody signed in, but a state that it knows, once', async () => {
    const { location } = await bed.connect(await bed.signIn());
    expect((await consent(location)).status).toBe(302);
    const again = await consent(location);
    expect([again.status, again.body]).toEqual([400, 'Invalid or expired state\n']);
  });

  test('declining ends on a bare page', async () => {
    const { location } = await bed.connect(await bed.signIn());
    const state = location.searchParams.get('state') ?? '';
    const got = await bed.callback({ error: 'access_denied', state });
    expect([got.status, got.body]).toEqual([400, 'Authorization failed\n']);
    expect(bed.logText).toContain('access_denied');
  });

  test.each([
    [{}, 400, 'Invalid callback: missing code or state\n'],
    [{ code: 'x' }, 400, 'Invalid callback: missing code or state\n'],
    [{ code: 'x', state: 'y' }, 400, 'Invalid or expired state\n'],
  ])('the callback with %j', async (parameters, status, body) => {
    const got = await bed.callback(parameters);
    expect([got.status, got.body]).toEqual([status, body]);
  });

  test.each([
    ['a refusal', { status: 400, body: { error: 'invalid_grant', error_description: 'upcode' } }],
    ['no token', { body: { token_type: 'Bearer' } }],
    ['no JSON', { body: 'access_token=x' }],
    ['seconds as text', { body: { access_token: 'x', expires_in: '3600' } }],
    ['a token that would end its header', { body: { access_token: 'x\r\nx-evil: 1' } }],
  ])('%s from the token endpoint is 502, and the state is spent', async (_, answer) => {
    service.behaviour.token = () => answer;
    const { location } = await bed.connect(await bed.signIn());
    const got = await consent(location);
    expect([got.status, got.body]).toEqual([502, 'Token exchange failed\n']);
    expect((await consent(location)).body).toBe('Invalid or expired state\n');
    expect(bed.logText).not.toContain('upcode');
  });

  test('a state older than five minutes says so', async () => {
    const { location } = await bed.connect(await bed.signIn());
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_001 });
    try {
      const got = await consent(location);
      expect([got.status, got.body]).toEqual([400, 'Authorization state expired, please retry\n']);
    } finally {
      vi.useRealTimers();
    }
    expect((await consent(location)).body).toBe('Invalid or expired state\n');
  });

  test('the pending authorization is taken up again, with the newer end', async () => {
    const [token, clientId] = [await bed.signIn(), await bed.addClient()];
    const first = await bed.connect(token);
    const second = await bed.authorize(token, clientId);
    expect(second.location.searchParams.get('state')).toBe(first.location.searchParams.get('state'));
    expect((await consent(first.location)).location.href).toMatch(/^http:\/\/127\.0\.0\.1:7777\//);
  });

  test('on a host with a port it is not, and the last one counts', async () => {
    const host = `${HOST}:8443`;
    const token = await bed.signIn();
    const [first, second] = [
      await bed.connect(token, undefined, { host }),
      await bed.connect(token, undefined, { host }),
    ];
    expect(second.location.searchParams.get('redirect_uri')).toBe(
      `https://${host}/.pomerium/mcp/client/oauth/callback`,
    );
    expect((await consent(first.location, { host })).body).toBe('Invalid or expired state\n');
    expect((await consent(second.location, { host })).status).toBe(302);
  });

  test('nothing that is stored can be read without the keys', async () => {
    await consent((await bed.connect(await bed.signIn())).location);
    await bed.connect(await bed.signIn('bob'));
    const stored = await bed.withStore((store) => store.upstreamTokens.allNow());
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ userId: 'alice', routeId: bed.routeId, upstreamUrl: 'https://upmcp.corp.test' });
    const plain = Buffer.from(stored[0]?.sealed ?? '', 'base64').toString('latin1');
    expect(plain).not.toContain('upstream-');
    const pending = await bed.withStore((store) => store.pendingUpstreams.find('bob', HOST));
    expect(Buffer.from(pending?.sealed ?? '', 'base64').toString('latin1')).not.toContain('s3cret');
  });

  test('the gateway has no client metadata document of its own there', async () => {
    const got = await bed.send('/.pomerium/mcp/client/metadata.json');
    expect([got.status, got.body]).toEqual([404, 'Not Found\n']);
  });
});

describe('without upstream_oauth2', () => {
  test('the document names the route, and is served to anybody', async () => {
    await open();
    const got = await bed.send('/.pomerium/mcp/client/metadata.json');
    expect(got.headers['cache-control']).toBe('public, max-age=3600');
    expect(got.body).toBe(
      `{"client_id":"https://${HOST}/.pomerium/mcp/client/metadata.json","client_name":"Up","client_uri":"https://${HOST}","redirect_uris":["${OWN_CALLBACK}"],"grant_types":["authorization_code","refresh_token"],"response_types":["code"],"token_endpoint_auth_method":"none"}\n`,
    );
    expect((await bed.send('/.pomerium/mcp/client/metadata.json', { host: 'app.corp.test' })).status).toBe(404);
  });
});

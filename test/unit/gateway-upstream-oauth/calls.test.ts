import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { once } from 'node:events';
import { openSocket, sendRaw } from '../gateway/support/wire.ts';
import { Bed, certificate, HOST, STATIC, type BedOptions } from './support/bed.ts';
import { ScriptedService } from './support/service.ts';

let service: ScriptedService;
let bed: Bed;

beforeEach(async () => {
  service = new ScriptedService();
  await open();
});
afterEach(async () => {
  vi.useRealTimers();
  await bed.close();
  await service.close();
});

async function open(o: Partial<BedOptions> = {}): Promise<void> {
  const port = await service.open();
  bed = await Bed.start({ server: STATIC, ports: { 'upmcp.corp.test:443': port, 'upas.corp.test:443': port }, ...o });
}

/** A user who has consented; the token lives `seconds`. */
async function connected(seconds?: number, refreshes = true, userId = 'alice'): Promise<string> {
  const token = await bed.signIn(userId);
  const { location } = await bed.connect(token);
  const more = {
    ...(seconds === undefined ? {} : { expires_in: seconds }),
    ...(refreshes ? {} : { refresh_token: undefined }),
  };
  service.behaviour.token = () => service.issue(more);
  await bed.callback({ state: location.searchParams.get('state') ?? '', code: 'upcode' });
  service.forms.length = 0;
  service.behaviour.token = () => service.issue({ expires_in: 3600 });
  return token;
}

function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
}

const authorizations = () => service.calls.map(({ authorization }) => authorization);

test('the upstream gets its own token and never the External Token', async () => {
  const token = await connected();
  expect((await bed.call(token)).status).toBe(200);
  expect(authorizations()).toEqual(['Bearer upstream-token-1']);
  const lines = JSON.stringify(service.calls);
  expect(lines).not.toContain(token);
  expect(bed.logText).not.toContain('upstream-token-1');
  expect(bed.logText).not.toContain(token);
});

test('another user has none', async () => {
  await connected();
  await bed.call(await bed.signIn('bob'));
  expect(authorizations()).toEqual([undefined]);
});

test('it survives a restart of the gateway', async () => {
  const token = await connected();
  await bed.restart();
  await bed.call(token);
  expect(authorizations()).toEqual(['Bearer upstream-token-1']);
});

test('an expired token is renewed before the call', async () => {
  const token = await connected(60);
  later(61);
  expect((await bed.call(token)).status).toBe(200);
  expect(authorizations()).toEqual(['Bearer upstream-token-2']);
  expect(Object.fromEntries(service.forms[0] ?? [])).toEqual({
    client_id: 'preregistered',
    client_secret: 's3cret',
    grant_type: 'refresh_token',
    refresh_token: 'upstream-refresh-1',
    resource: 'https://upmcp.corp.test',
  });
  later(7_200);
  await bed.call(token);
  expect(service.forms[1]?.get('refresh_token')).toBe('upstream-refresh-2');
});

test('a refresh token that is not replaced stays', async () => {
  const token = await connected(60);
  service.behaviour.token = () => service.issue({ expires_in: 60, refresh_token: undefined });
  later(61);
  await bed.call(token);
  later(61);
  await bed.call(token);
  expect(service.forms.map((form) => form.get('refresh_token'))).toEqual(['upstream-refresh-1', 'upstream-refresh-1']);
});

test('twenty calls with an expired token make one renewal', async () => {
  const token = await connected(60);
  const gate = Promise.withResolvers<void>();
  service.behaviour.token = async () => gate.promise.then(() => service.issue({ expires_in: 3600 }));
  later(61);
  const calls = Array.from({ length: 20 }, async () => bed.call(token));
  const clientId = await bed.addClient();
  const authorize = bed.authorize(token, clientId);
  await vi.waitFor(() => expect(service.forms).toHaveLength(1));
  gate.resolve();
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect((await authorize).location.searchParams.get('code')).not.toBeNull();
  expect(service.forms).toHaveLength(1);
  expect(new Set(authorizations())).toEqual(new Set(['Bearer upstream-token-2']));
});

test('each user has a renewal of their own', async () => {
  const tokens = [await connected(60), await connected(60, true, 'bob')];
  later(61);
  await Promise.all(tokens.map(async (token) => bed.call(token)));
  expect(service.forms).toHaveLength(2);
});

test('shortly before its end a token is renewed in the background, and the call does not wait', async () => {
  const token = await connected(60);
  service.behaviour.token = () => new Promise(() => undefined);
  later(58);
  expect((await bed.call(token)).status).toBe(200);
  expect((await bed.call(token)).status).toBe(200);
  expect(authorizations()).toEqual(['Bearer upstream-token-1', 'Bearer upstream-token-1']);
  await vi.waitFor(() => expect(service.forms).toHaveLength(1));
});

test('a token refused in the background serves up to its end', async () => {
  const token = await connected(60);
  service.behaviour.token = () => ({ status: 400, body: { error: 'invalid_grant' } });
  later(58);
  await bed.call(token);
  await vi.waitFor(() => expect(service.forms).toHaveLength(1));
  expect((await bed.call(token)).status).toBe(200);
  later(3);
  expect((await bed.call(token)).status).toBe(401);
});

test('a refused renewal clears the token: the client is asked to authorize again', async () => {
  const token = await connected(60);
  service.behaviour.token = () => ({
    status: 400,
    body: { error: 'invalid_grant', error_description: 'upstream-refresh-1' },
  });
  later(61);
  const got = await bed.call(token);
  expect([got.status, got.headers['www-authenticate']]).toEqual([
    401,
    `Bearer resource_metadata="https://${HOST}/.well-known/oauth-protected-resource/mcp"`,
  ]);
  expect(authorizations()).toEqual([undefined]);
  expect(await bed.withStore((store) => store.upstreamTokens.allNow())).toEqual([]);
  expect(bed.logText).toContain('invalid_grant');
  expect(bed.logText).not.toContain('upstream-refresh-1');
});

test('an expired token that cannot be renewed is cleared', async () => {
  const token = await connected(60, false);
  later(61);
  expect((await bed.call(token)).status).toBe(401);
  expect(service.forms).toEqual([]);
  expect(await bed.withStore((store) => store.upstreamTokens.allNow())).toEqual([]);
});

test.each([
  ['an error', () => ({ status: 500, body: {} })],
  ['nonsense', () => ({ body: 'hello' })],
  ['a redirect', () => ({ status: 302, body: {} })],
])('%s of the token endpoint is 502 and loses nothing', async (_, answer) => {
  const token = await connected(60);
  service.behaviour.token = answer;
  later(61);
  const got = await bed.call(token);
  expect([got.status, got.body, got.headers['cache-control']]).toEqual([502, '', 'no-store']);
  expect(service.calls).toEqual([]);
  const authorize = await bed.authorize(token, await bed.addClient());
  expect([authorize.status, authorize.body]).toEqual([500, 'internal error\n']);
  expect((await bed.connect(token)).body).toBe('internal server error\n');
  service.behaviour.token = () => service.issue();
  expect((await bed.call(token)).status).toBe(200);
});

test('a token endpoint that is away is 502 and loses nothing', async () => {
  const token = await connected(60);
  const { ports } = bed.o;
  const port = ports['upas.corp.test:443'] ?? 0;
  ports['upas.corp.test:443'] = 1;
  later(61);
  expect((await bed.call(token)).status).toBe(502);
  ports['upas.corp.test:443'] = port;
  expect((await bed.call(token)).status).toBe(200);
});

test('the rest of a long body waits with its client for the renewal', async () => {
  const token = await connected(60);
  later(61);
  const got = await bed.call(token, '/mcp', { body: `"${'x'.repeat(300_000)}"` });
  expect(got.status).toBe(200);
});

test('a WebSocket waits for the renewal, too, and gets the new token', async () => {
  await bed.close();
  await service.close();
  service = new ScriptedService();
  await open({ route: 'allow_websockets: true' });
  const token = await connected(60);
  later(61);
  const answer = await sendRaw(
    { port: bed.port, ca: certificate.ca, servername: HOST },
    `GET /ws HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
  );
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 .*hello$/s);
  expect(authorizations()).toEqual(['Bearer upstream-token-2']);
});

test('a client that leaves during the renewal does not reach the upstream', async () => {
  const token = await connected(60);
  const gate = Promise.withResolvers<void>();
  service.behaviour.token = async () => gate.promise.then(() => service.issue());
  later(61);
  const socket = openSocket({ port: bed.port, ca: certificate.ca, servername: HOST });
  socket.write(`GET /mcp HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await vi.waitFor(() => expect(service.forms).toHaveLength(1));
  socket.destroy();
  const gone = once(socket, 'close');
  await gone;
  // The gateway hears of it in a turn of its own; a second call shows that it has.
  await bed.send('/ping');
  gate.resolve();
  expect((await bed.call(token)).status).toBe(200);
  expect(service.calls).toHaveLength(1);
});

test('disconnecting during a renewal ends the connection', async () => {
  const token = await connected(60);
  const gate = Promise.withResolvers<void>();
  service.behaviour.token = async () => gate.promise.then(() => service.issue());
  later(61);
  const call = bed.call(token);
  await vi.waitFor(() => expect(service.forms).toHaveLength(1));
  await disconnect(token);
  gate.resolve();
  expect((await call).status).toBe(401);
  expect(await bed.withStore((store) => store.upstreamTokens.allNow())).toEqual([]);
});

function disconnect(token: string) {
  const body = JSON.stringify({ routes: [`https://${HOST}`] });
  return bed.send('/.pomerium/mcp/routes/disconnect', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
}

test('routes and disconnect know of the token', async () => {
  const token = await connected();
  const servers = async () => {
    const got = await bed.send('/.pomerium/mcp/routes', {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    });
    return (JSON.parse(got.body) as { servers: { connected: boolean }[] }).servers.map((server) => server.connected);
  };
  expect(await servers()).toEqual([true]);
  await disconnect(token);
  expect(await servers()).toEqual([false]);
  expect((await bed.call(token)).status).toBe(401);
});

test('another process on the same file shares the tokens', async () => {
  const token = await connected(60);
  const neighbour = await Bed.start({ ...bed.o, folder: bed.folder });
  expect((await neighbour.call(token)).status).toBe(200);
  later(61);
  await bed.call(token);
  // The neighbour looks at most every quarter of a second.
  later(1);
  expect((await neighbour.call(token)).status).toBe(200);
  expect(service.forms).toHaveLength(1);
  await neighbour.close();
});

test('a renewal that another process was faster with is no refusal', async () => {
  const token = await connected(60);
  const neighbour = await Bed.start({ ...bed.o, folder: bed.folder });
  await neighbour.call(token);
  later(61);
  // Both read the expired token; one refresh token can be used once.
  let used = false;
  const gate = Promise.withResolvers<void>();
  service.behaviour.token = async () => {
    if (!used) {
      used = true;
      return service.issue({ expires_in: 3600 });
    }
    await gate.promise;
    return { status: 400, body: { error: 'invalid_grant' } };
  };
  const [first, second] = [bed.call(token), neighbour.call(token)];
  await vi.waitFor(() => expect(service.forms).toHaveLength(2));
  await Promise.race([first, second]);
  gate.resolve();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  await neighbour.close();
});

test('a token in the row of another user does not count', async () => {
  const token = await connected();
  await bed.withStore(async (store) => {
    const [row] = store.upstreamTokens.allNow();
    if (row) await store.upstreamTokens.put({ ...row, userId: 'bob' });
  });
  const bob = await bed.signIn('bob');
  await bed.restart();
  expect((await bed.call(bob)).status).toBe(401);
  expect((await bed.call(token)).status).toBe(200);
});

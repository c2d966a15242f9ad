import { afterEach, expect, test, vi } from 'vitest';
import type { LogEntry } from '../../../src/net/log.ts';
import { createBed, DISCOVERED, STATIC, WITHOUT_PORT } from './bed.ts';

afterEach(() => void vi.useRealTimers());

test.each([STATIC, DISCOVERED])(
  'at %s a user consents once, and calls reach the upstream with its token',
  async (host) => {
    const { provider, connect, call } = await createBed();
    const token = await connect(host);
    const response = await call(host, token);
    expect(await response.json()).toMatchObject({ result: { structuredContent: { user: 'member' } } });
    await connect(host);
    expect(provider.stats()).toMatchObject({ authorizations: 1, tokensIssued: 1, resourceCalls: 1 });
  },
);

test('the gateway registers itself where metadata documents are not taken', async () => {
  const { provider, connect, call } = await createBed({ clientMetadataDocuments: false });
  expect((await call(DISCOVERED, await connect(DISCOVERED))).status).toBe(200);
  expect(provider.stats().registrations).toBe(1);
});

test('the External Token never reaches the upstream, with and without a token to put in its place', async () => {
  const seen: LogEntry[] = [];
  const { provider, connect, call } = await createBed({ log: (entry) => seen.push(entry) });
  const token = await connect(STATIC);
  const { result } = (await (await call(STATIC, token, 'headers')).json()) as {
    result: { structuredContent: unknown };
  };
  expect(result.structuredContent).toMatchObject({ token: 'upstream access token' });
  provider.setFaults(['metadata-404']);
  expect((await call(DISCOVERED, await connect(DISCOVERED))).status).toBe(502);
  expect(seen.filter(({ message }) => message === 'refused a call').map(({ reason }) => reason)).toEqual(['no token']);
});

// Pomerium v0.33.1 looks the pending consent up by the host name without its port, and stores it with its port.
test.each([
  ['is asked for at the next consent on port 443', WITHOUT_PORT, 200],
  ['is not asked for on another port', DISCOVERED, 401],
])('a scope that the upstream misses %s', async (_, host, status) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { provider, connect, call } = await createBed({ accessTokenLife: 5, refreshTokens: false });
  expect((await call(host, await connect(host), 'scope_needed')).status).toBe(401);
  vi.setSystemTime(Date.now() + 6_000);
  expect((await call(host, await connect(host), 'scope_needed')).status).toBe(status);
  expect(provider.stats().authorizations).toBe(2);
});

import { describe, expect, test } from 'vitest';
import { UPSTREAM_FAULTS, type UpstreamFault } from '../../../src/idp/as-upstream/index.ts';
import { CALLBACK, start, type Started, type Tokens } from './as-upstream-client.ts';

const SERVER_METADATA = '/.well-known/oauth-authorization-server';
const RESOURCE_METADATA = '/.well-known/oauth-protected-resource/mcp';

interface Case {
  /** Signs in, calls, or asks for metadata, and says what came. */
  see(started: Started): Promise<unknown>;
  expected: unknown;
}

/** What a client of the provider sees of each fault. */
const CASES: Record<keyof typeof UPSTREAM_FAULTS, Case> = {
  'metadata-404': { see: async ({ client }) => (await client.get(SERVER_METADATA)).status, expected: 404 },
  'metadata-redirect': {
    see: async ({ client }) => {
      const response = await client.get(SERVER_METADATA);
      const there = await client.get(response.headers.get('location') ?? '');
      return [response.status, there.status];
    },
    expected: [302, 200],
  },
  'wrong-issuer': { see: metadata('issuer'), expected: 'https://elsewhere.example' },
  'no-s256': { see: metadata('code_challenge_methods_supported'), expected: undefined },
  'resource-metadata-404': { see: async ({ client }) => (await client.get(RESOURCE_METADATA)).status, expected: 404 },
  'wrong-resource': {
    see: async ({ client }) => bodyOf(await client.get(RESOURCE_METADATA)),
    expected: expect.objectContaining({ resource: 'https://elsewhere.example/mcp' }),
  },
  'no-secret-expiry': {
    see: async ({ client }) => {
      const body = await bodyOf(await client.register({ redirect_uris: [CALLBACK] }));
      return ['client_secret' in body, 'client_secret_expires_at' in body];
    },
    expected: [true, false],
  },
  'registration-refused': {
    see: async ({ client }) => (await client.register({ redirect_uris: [CALLBACK] })).status,
    expected: 403,
  },
  'access-denied': {
    see: async ({ client }) => parametersOf(await client.approveAs('admin')),
    expected: expect.objectContaining({ error: 'access_denied', error_description: 'the user said no' }),
  },
  'wrong-state': {
    see: async ({ client }) => parametersOf(await client.approveAs('admin')),
    expected: expect.objectContaining({ state: 'not-the-one-sent' }),
  },
  'wrong-iss': {
    see: async ({ client }) => parametersOf(await client.approveAs('admin')),
    expected: expect.objectContaining({ iss: 'https://elsewhere.example' }),
  },
  'comma-scopes': {
    see: async ({ client }) => {
      const refused = await client.approveAs('admin', { scope: 'read write' });
      const tokens = await client.signIn('admin', { scope: 'read,write' });
      return [refused.searchParams.get('error'), tokens.scope];
    },
    expected: ['invalid_scope', 'read,write'],
  },
  'code-refused': { see: exchanged, expected: [400, 'application/json', '{"error":"invalid_grant"'] },
  'basic-only': {
    see: async ({ client }) => {
      const inBody = await client.redeem(await client.approveAs('admin'));
      const inHeader = await client.redeemByBasic(await client.approveAs('admin'));
      return [inBody.status, inBody.headers.get('www-authenticate'), inHeader.status];
    },
    expected: [401, 'Basic realm="upstream provider"', 200],
  },
  'form-encoded': { see: exchanged, expected: [200, 'application/x-www-form-urlencoded', 'access_token=upstream-ac'] },
  'html-page': { see: exchanged, expected: [200, 'text/html; charset=utf-8', '<!DOCTYPE html><title>Ma'] },
  'invalid-json': {
    see: async ({ client }) => {
      const response = await client.redeem(await client.approveAs('admin'));
      return response.json().catch((error: unknown) => error);
    },
    expected: expect.any(SyntaxError) as SyntaxError,
  },
  'error-200': { see: exchanged, expected: [200, 'application/json', '{"ok":false,"error":"inv'] },
  'nested-token': {
    see: async ({ client }) => client.signIn(),
    expected: { ok: true, authed_user: expect.objectContaining({ access_token: expect.any(String) as string }) },
  },
  'no-access-token': {
    see: async ({ client }) => Object.keys(await client.signIn()),
    expected: ['token_type', 'expires_in', 'refresh_token', 'scope'],
  },
  'huge-answer': {
    see: async ({ client }) => (await (await client.redeem(await client.approveAs('admin'))).text()).length > 1024 ** 2,
    expected: true,
  },
  slow: {
    see: async (started) => {
      const waited = await redeemedUntilClosed(started);
      const quick = await start({ faults: ['slow=1'] });
      return [waited, (await quick.client.redeem(await quick.client.approveAs('admin'))).status];
    },
    expected: ['broken off', 200],
  },
  hanging: { see: redeemedUntilClosed, expected: 'broken off' },
  'closed-connection': {
    see: async ({ client }) => client.redeem(await client.approveAs('admin')).catch(() => 'broken off'),
    expected: 'broken off',
  },
  'short-tokens': { see: async ({ client }) => (await client.signIn()).expires_in, expected: 5 },
  'no-refresh-token': {
    see: async ({ client }) => {
      const tokens = await client.signIn();
      return [tokens.refresh_token, (await client.refresh(tokens)).status];
    },
    expected: [undefined, 400],
  },
  'no-expiry': { see: async ({ client }) => 'expires_in' in (await client.signIn()), expected: false },
  'expiry-string': { see: async ({ client }) => (await client.signIn()).expires_in, expected: '3600' },
  'clock-skew': { see: freshTokenCalled, expected: 401 },
  'revoked-token': { see: freshTokenCalled, expected: 401 },
  'refresh-refused': { see: refreshed, expected: 400 },
  'refresh-500': { see: refreshed, expected: 500 },
  'refresh-reuse': {
    see: async ({ client }) => {
      const first = await client.signIn();
      const second = (await (await client.refresh(first)).json()) as Tokens;
      await client.refresh(first);
      return [(await client.refresh(second)).status, (await client.call('whoami', second.access_token)).status];
    },
    expected: [400, 401],
  },
  'refresh-lost': {
    see: async ({ client, provider }) => {
      const tokens = await client.signIn();
      const lost = await client.refresh(tokens).catch(() => 'broken off');
      provider.setFaults([]);
      return [lost, (await client.refresh(tokens)).status];
    },
    expected: ['broken off', 400],
  },
  'insufficient-scope': { see: freshTokenCalled, expected: 403 },
  'resource-403': { see: freshTokenCalled, expected: 403 },
};

describe('the provider', () => {
  test.each(Object.entries(UPSTREAM_FAULTS))('with the fault %s: $summary', async (name) => {
    const one = CASES[name as keyof typeof UPSTREAM_FAULTS];
    const started = await start({ faults: [name as UpstreamFault] });
    expect(await one.see(started)).toEqual(one.expected);
  });

  test.each(Object.entries(CASES))('does better without the fault %s', async (_, one) => {
    const started = await start({ faults: [] });
    expect(await one.see(started)).not.toEqual(one.expected);
  });

  test('takes other faults while it runs', async () => {
    const { client, provider } = await start({ faults: ['metadata-404'] });
    provider.setFaults(['short-tokens=7']);
    expect((await client.get(SERVER_METADATA)).status).toBe(200);
    expect((await client.signIn()).expires_in).toBe(7);
  });

  test('combines faults, in the order they are given', async () => {
    const { client } = await start({ faults: ['no-expiry', 'form-encoded'] });
    const text = await (await client.redeem(await client.approveAs('admin'))).text();
    expect([...new URLSearchParams(text).keys()]).toEqual(['access_token', 'token_type', 'refresh_token', 'scope']);
  });

  test.each(['short-token', 'access-denied=1', 'slow=soon'])(
    'refuses a fault that means nothing: %s',
    async (fault) => {
      await expect(start({ faults: [fault as UpstreamFault] })).rejects.toMatchObject({ code: 'USAGE' });
    },
  );
});

/** Redeems a code, and closes the provider once the fault has struck. */
async function redeemedUntilClosed({ client, provider }: Started): Promise<unknown> {
  const waiting = client.redeem(await client.approveAs('admin')).then(
    ({ status }) => status,
    () => 'broken off',
  );
  const over = { answered: false };
  void waiting.then(() => (over.answered = true));
  while (!over.answered && provider.stats().faultsStruck === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await provider.close();
  return waiting;
}

function metadata(member: string) {
  return async ({ client }: Started): Promise<unknown> => (await bodyOf(await client.get(SERVER_METADATA)))[member];
}

async function exchanged({ client }: Started): Promise<unknown> {
  const response = await client.redeem(await client.approveAs('admin'));
  return [response.status, response.headers.get('content-type'), (await response.text()).slice(0, 24)];
}

async function freshTokenCalled({ client }: Started): Promise<number> {
  return (await client.call('whoami', (await client.signIn()).access_token)).status;
}

async function refreshed({ client }: Started): Promise<number> {
  return (await client.refresh(await client.signIn())).status;
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}

function parametersOf(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams);
}

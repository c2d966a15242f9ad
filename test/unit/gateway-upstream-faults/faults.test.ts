import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { UPSTREAM_FAULTS, UpstreamFault, UpstreamProviderOptions } from '../../../src/idp/as-upstream/index.ts';
import { createBed, DISCOVERED, STATIC, type Bed, type End } from './bed.ts';

/** What a fault comes to at the gateway: Pomerium v0.33.1's answers, by status and text. */
interface Case {
  options?: Partial<UpstreamProviderOptions>;
  see(bed: Bed): Promise<unknown>;
  expected: unknown;
}

const EXCHANGE_FAILED: Case = { see: authorizedStatic, expected: [502, 'Token exchange failed'] };
const CHALLENGE = `Bearer resource_metadata="https://${STATIC}/.well-known/oauth-protected-resource/mcp"`;
/** The client is asked to sign in; that brings it nothing, for the gateway takes its token for good. */
const LOOP: Case = {
  see: async (bed) => {
    const first = await called(bed, await bed.connect(STATIC));
    const second = await called(bed, await bed.connect(STATIC));
    return [first, second, bed.provider.stats().authorizations];
  },
  expected: [[401, CHALLENGE, ''], [401, CHALLENGE, ''], 1],
};
const DISCOVERY_FAILED: Case = {
  see: async (bed) => {
    const response = await bed.call(DISCOVERED, await bed.connect(DISCOVERED));
    const warned = bed.log.some(({ message }) => message.includes('proceeding without upstream OAuth'));
    return [warned, response.status, await response.text(), bed.provider.stats().authorizations];
  },
  expected: [true, 502, '', 0],
};
const DISCOVERY_WORKS: Case = {
  see: async (bed) => (await bed.call(DISCOVERED, await bed.connect(DISCOVERED))).status,
  expected: 200,
};

const CASES: Record<keyof typeof UPSTREAM_FAULTS, Case> = {
  'metadata-404': DISCOVERY_FAILED,
  'metadata-redirect': DISCOVERY_WORKS,
  'wrong-issuer': DISCOVERY_WORKS,
  'no-s256': DISCOVERY_FAILED,
  'resource-metadata-404': DISCOVERY_WORKS,
  'wrong-resource': DISCOVERY_FAILED,
  'no-secret-expiry': {
    options: { clientMetadataDocuments: false },
    see: async ({ authorize }) => shown(await authorize(DISCOVERED)),
    expected: [500, 'internal error'],
  },
  'registration-refused': {
    options: { clientMetadataDocuments: false },
    see: async ({ authorize }) => shown(await authorize(DISCOVERED)),
    expected: [500, 'internal error'],
  },
  'access-denied': { see: authorizedStatic, expected: [400, 'Authorization failed'] },
  'wrong-state': { see: authorizedStatic, expected: [400, 'Invalid or expired state'] },
  'wrong-iss': { see: async (bed) => (await bed.call(STATIC, await bed.connect(STATIC))).status, expected: 200 },
  'comma-scopes': { see: authorizedStatic, expected: [400, 'Authorization failed'] },
  'code-refused': EXCHANGE_FAILED,
  'basic-only': EXCHANGE_FAILED,
  'form-encoded': EXCHANGE_FAILED,
  'html-page': EXCHANGE_FAILED,
  'invalid-json': EXCHANGE_FAILED,
  'error-200': EXCHANGE_FAILED,
  'nested-token': EXCHANGE_FAILED,
  'no-access-token': EXCHANGE_FAILED,
  'huge-answer': EXCHANGE_FAILED,
  'expiry-string': EXCHANGE_FAILED,
  'closed-connection': EXCHANGE_FAILED,
  slow: {
    see: async (bed) => {
      bed.provider.setFaults(['slow=30']);
      return (await bed.call(STATIC, await bed.connect(STATIC))).status;
    },
    expected: 200,
  },
  hanging: {
    see: async (bed) => {
      const end = bed.authorize(STATIC);
      while (bed.provider.stats().faultsStruck === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await bed.provider.close();
      return shown(await end);
    },
    expected: [502, 'Token exchange failed'],
  },
  'short-tokens': {
    see: async (bed) => {
      const [status] = await calledLater(bed);
      return [status, bed.provider.stats().refreshes];
    },
    expected: [200, 1],
  },
  'no-refresh-token': {
    see: async (bed) => {
      const first = await calledLater(bed);
      const [again] = await called(bed, await bed.connect(STATIC));
      return [first, again, bed.provider.stats().authorizations];
    },
    expected: [[401, CHALLENGE, ''], 200, 2],
  },
  'no-expiry': {
    see: async (bed) => [await calledLater(bed), ...((await LOOP.see(bed)) as unknown[])],
    expected: [[401, CHALLENGE, ''], ...(LOOP.expected as unknown[])],
  },
  'clock-skew': LOOP,
  'revoked-token': LOOP,
  'refresh-refused': {
    see: async (bed) => {
      const first = await calledLater(bed);
      const [again] = await called(bed, await bed.connect(STATIC));
      return [first, again, bed.provider.stats().authorizations];
    },
    expected: [[401, CHALLENGE, ''], 200, 2],
  },
  'refresh-500': {
    see: async (bed) => {
      const token = await bed.connect(STATIC);
      later();
      const [refused, page] = [await called(bed, token), shown(await bed.authorize(STATIC))];
      bed.provider.setFaults([]);
      const [recovered] = await called(bed, token);
      return [refused, page, recovered, bed.provider.stats().authorizations];
    },
    expected: [[502, null, ''], [500, 'internal error'], 200, 1],
  },
  'refresh-reuse': {
    see: async (bed) => {
      const token = await bed.connect(STATIC);
      later();
      const calls = await Promise.all(Array.from({ length: 10 }, async () => (await called(bed, token))[0]));
      return [new Set(calls), bed.provider.stats().refreshes];
    },
    expected: [new Set([200]), 1],
  },
  'refresh-lost': {
    see: async (bed) => {
      const token = await bed.connect(STATIC);
      later();
      const lost = await called(bed, token);
      bed.provider.setFaults([]);
      return [lost, await called(bed, token)];
    },
    expected: [
      [502, null, ''],
      [401, CHALLENGE, ''],
    ],
  },
  'insufficient-scope': LOOP,
  'resource-403': {
    see: async (bed) => called(bed, await bed.connect(STATIC)),
    expected: [403, null, '{"error":"forbidden"}'],
  },
};

/** Faults that show with the second token only: the first one lives this long, in seconds. */
const SHORT: Partial<UpstreamProviderOptions> = { accessTokenLife: 5 };
const NEEDS_SHORT = [
  'no-refresh-token',
  'no-expiry',
  'refresh-refused',
  'refresh-500',
  'refresh-reuse',
  'refresh-lost',
];

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('a gateway whose upstream provider has the fault', () => {
  test.each(Object.entries(CASES))('%s', async (name, one) => {
    const faults = [name as UpstreamFault];
    const bed = await createBed({ faults, ...(NEEDS_SHORT.includes(name) ? SHORT : {}), ...one.options });
    expect(await one.see(bed)).toEqual(one.expected);
    const text = JSON.stringify(bed.log);
    expect(text).not.toMatch(/upstream-(access|refresh|code|secret)-/);
    expect(bed.externalTokens.filter((token) => text.includes(token))).toEqual([]);
  });

  test.each(['revoked-token', 'clock-skew', 'insufficient-scope'] as const)(
    '%s gets out of the loop by disconnecting',
    async (fault) => {
      const bed = await createBed({ faults: [fault] });
      const token = await bed.connect(STATIC);
      expect((await called(bed, token))[0]).toBe(401);
      bed.provider.setFaults([]);
      expect(await bed.disconnect(STATIC, token)).toBe(200);
      expect((await called(bed, await bed.connect(STATIC)))[0]).toBe(200);
      expect(bed.provider.stats().authorizations).toBe(2);
    },
  );

  test('resource-metadata-404 fails when the authorization server is not at the MCP server’s origin', async () => {
    const bed = await createBed({ faults: ['resource-metadata-404'], issuer: 'https://provider.localhost/tenant' });
    expect(await DISCOVERY_FAILED.see(bed)).toEqual(DISCOVERY_FAILED.expected);
  });

  test('wrong-iss is refused by releases after v0.33.1, where the metadata says that iss comes', async () => {
    const { authorize } = await createBed({ faults: ['wrong-iss'] }, 'next');
    expect(shown(await authorize(DISCOVERED))).toEqual([400, 'Invalid issuer']);
  });

  test('closed-connection at a refresh answers 502 and keeps the refresh token', async () => {
    const bed = await createBed(SHORT);
    const token = await bed.connect(STATIC);
    later();
    bed.provider.setFaults(['closed-connection']);
    expect(await called(bed, token)).toEqual([502, null, '']);
    bed.provider.setFaults([]);
    expect((await called(bed, token))[0]).toBe(200);
  });
});

/** The short tokens have expired. */
function later(): void {
  vi.setSystemTime(Date.now() + 6_000);
}

async function authorizedStatic({ authorize }: Bed): Promise<unknown> {
  return shown(await authorize(STATIC));
}

function shown({ status, body }: End): [number, string] {
  return [status, body.trim()];
}

async function called({ call }: Bed, token: string): Promise<[number, string | null, string]> {
  const response = await call(STATIC, token);
  const text = await response.text();
  return [response.status, response.headers.get('www-authenticate'), response.status === 200 ? '' : text];
}

async function calledLater(bed: Bed): Promise<[number, string | null, string]> {
  const token = await bed.connect(STATIC);
  later();
  return called(bed, token);
}

import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import type { Fetch } from '../../../src/net/fetch.ts';

export const HOST = 'gw.corp.test';

export interface Gateway {
  /** Signs with the gateway's key; what is given replaces header and claims that a good assertion has. */
  sign: (claims?: JWTPayload, header?: { alg?: string; kid?: string }) => Promise<string>;
  /** Serves the gateway's keys at any URL and keeps the URLs that were asked. */
  fetch: Fetch;
  readonly asked: string[];
}

/** A gateway's signing half: a key for each algorithm, published like Pomerium's. */
export async function createGateway(kid = 'key-1'): Promise<Gateway> {
  const pairs = new Map<string, CryptoKey>();
  const keys: object[] = [];
  for (const alg of ['ES256', 'ES384', 'RS256']) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    pairs.set(alg, privateKey);
    keys.push({ ...(await exportJWK(publicKey)), alg, use: 'sig', kid: alg === 'ES256' ? kid : `${kid}-${alg}` });
  }
  const asked: string[] = [];
  return {
    asked,
    async sign(claims = {}, { alg = 'ES256', kid: own } = {}) {
      const key = pairs.get(alg);
      if (!key) throw new Error(`no key for ${alg}`);
      const payload = { ...goodClaims(), ...claims };
      return new SignJWT(payload)
        .setProtectedHeader({ alg, kid: own ?? (alg === 'ES256' ? kid : `${kid}-${alg}`), typ: 'JWT' })
        .sign(key);
    },
    fetch: async (input) => {
      asked.push(input instanceof Request ? input.url : String(input));
      return Response.json({ keys });
    },
  };
}

export function goodClaims(now = Math.floor(Date.now() / 1000)): JWTPayload {
  return {
    iss: HOST,
    aud: HOST,
    iat: now,
    exp: now + 300,
    sub: 'alice',
    sid: 's1',
    name: 'Alice TestUser',
    email: 'alice@company.com',
    groups: ['admins'],
  };
}

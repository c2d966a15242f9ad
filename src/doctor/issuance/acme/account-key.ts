import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';

interface PublicJwk {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
}

/** A flattened JWS, as RFC 8555 §6.2 wants each request to be. */
export interface Jws {
  protected: string;
  payload: string;
  signature: string;
}

/** The key of an account that lives as long as the dry run. */
export interface AccountKey {
  jwk: PublicJwk;
  /** RFC 7638. */
  thumbprint: string;
  /** `payload` undefined is POST-as-GET (RFC 8555 §6.3). */
  sign(header: Record<string, unknown>, payload: unknown): Jws;
}

/** Credentials that bind an account to one known elsewhere (RFC 8555 §7.3.4). */
export interface ExternalAccount {
  keyId: string;
  /** base64url. */
  macKey: string;
}

export function createAccountKey(): AccountKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y };
  // Members in the order of RFC 7638 §3.2.
  const canonical = JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x, y });
  return {
    jwk,
    thumbprint: createHash('sha256').update(canonical).digest('base64url'),
    sign: (header, payload) =>
      createJws({ alg: 'ES256', ...header }, payload, (input) =>
        sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      ),
  };
}

/** The account's key, signed with the key of the external account. */
export function bindExternally({ keyId, macKey }: ExternalAccount, { jwk }: AccountKey, url: string): Jws {
  return createJws({ alg: 'HS256', kid: keyId, url }, jwk, (input) =>
    createHmac('sha256', Buffer.from(macKey, 'base64url')).update(input).digest(),
  );
}

function createJws(header: Record<string, unknown>, payload: unknown, signer: (input: Buffer) => Buffer): Jws {
  const head = encode(header);
  const body = payload === undefined ? '' : encode(payload);
  return { protected: head, payload: body, signature: signer(Buffer.from(`${head}.${body}`)).toString('base64url') };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

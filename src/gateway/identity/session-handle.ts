import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a session cookie holds: a pointer to the session, no data of the user's. */
export interface SessionHandle {
  id: string;
  userId: string;
  idpId: string;
}

const HEADER = Buffer.from('{"alg":"HS256"}').toString('base64url');

/** A compact JWS (RFC 7515 §3.1) with HS256: Pomerium v0.33.1 internal/encoding/jws. */
export function signHandle(key: Buffer, handle: SessionHandle, issuer: string, audience: readonly string[]): string {
  const claims = {
    iss: issuer,
    aud: audience,
    iat: Math.floor(Date.now() / 1_000),
    id: handle.id,
    sub: handle.userId,
    idp_id: handle.idpId,
  };
  const signed = `${HEADER}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${signature(key, signed).toString('base64url')}`;
}

/** Undefined: not signed with this key. Whether the session still lives is another question. */
export function openHandle(key: Buffer, jws: string): SessionHandle | undefined {
  const dot = jws.lastIndexOf('.');
  const signed = jws.slice(0, dot);
  if (!signed.startsWith(`${HEADER}.`)) return undefined;
  const given = Buffer.from(jws.slice(dot + 1), 'base64url');
  const expected = signature(key, signed);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Signed by us, so the shape is known.
  const claims = JSON.parse(Buffer.from(signed.slice(HEADER.length + 1), 'base64url').toString()) as Record<
    string,
    string
  >;
  return { id: claims['id'] ?? '', userId: claims['sub'] ?? '', idpId: claims['idp_id'] ?? '' };
}

function signature(key: Buffer, signed: string): Buffer {
  return createHmac('sha256', key).update(signed).digest();
}

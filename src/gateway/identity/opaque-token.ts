import { randomBytes } from 'node:crypto';
import { seal, unseal } from './seal.ts';

const KINDS = { access: 1, refresh: 2, code: 3 } as const;
export type TokenKind = keyof typeof KINDS;

export interface OpaqueToken {
  /** UUID of the session, refresh token or authorization that it stands for. */
  id: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

// kind (1), id as text (36), expiry (6), filling: with nonce and tag it gives the 128 characters of Pomerium's tokens.
const ID_AT = 1;
const EXPIRY_AT = 37;
const PLAIN_BYTES = 54;
const ID = /^[0-9a-f-]{36}$/;

/** Standard base64, 128 characters. `bound` must be given again to open it: the client of a code or a refresh token. */
export function createToken(key: Buffer, kind: TokenKind, { id, expiresAt }: OpaqueToken, bound = ''): string {
  const plain = randomBytes(PLAIN_BYTES);
  plain.writeUInt8(KINDS[kind], 0);
  plain.write(id, ID_AT, 'latin1');
  plain.writeUIntBE(Math.max(0, Math.floor(expiresAt)), EXPIRY_AT, 6);
  return seal(key, plain, bound).toString('base64');
}

/** A token without what tells its kind to readers of logs. One that came without is taken all the same. */
export function trimPrefix(token: string, prefix: string): string {
  return token.startsWith(prefix) ? token.slice(prefix.length) : token;
}

/** Undefined: not ours, of another kind, or bound to another client. Expiry is the caller's to judge. */
export function openToken(key: Buffer, kind: TokenKind, token: string, bound = ''): OpaqueToken | undefined {
  const sealed = Buffer.from(token, 'base64');
  // Node's decoder skips what it does not know; one token must have one spelling only.
  if (sealed.toString('base64') !== token) return undefined;
  const plain = unseal(key, sealed, bound);
  if (plain?.length !== PLAIN_BYTES || plain.readUInt8(0) !== KINDS[kind]) return undefined;
  const id = plain.toString('latin1', ID_AT, EXPIRY_AT);
  return ID.test(id) ? { id, expiresAt: plain.readUIntBE(EXPIRY_AT, 6) } : undefined;
}

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const CIPHER = 'chacha20-poly1305';
const NONCE_BYTES = 24;
const TAG_BYTES = 16;

/** The keys of one shared secret, one for each purpose, so that what is made for one is worthless for another. */
export interface Keys {
  /** External Tokens, refresh tokens, authorization codes. */
  tokens: Buffer;
  /** Signatures of links between route hosts and the authenticate service. */
  links: Buffer;
  /** Signatures of session cookies. */
  cookies: Buffer;
  /** Contents of the short-lived cookies and parameters of a sign-in under way. */
  signIn: Buffer;
  /** Tokens of upstreams and what belongs to them, at rest. */
  upstream: Buffer;
}

export function deriveKeys(secret: Uint8Array): Keys {
  const derive = (purpose: string): Buffer => Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  return {
    tokens: derive('model-context-protocol'),
    links: derive('signed links'),
    cookies: derive('session cookies'),
    signIn: derive('sign-in'),
    upstream: derive('upstream tokens'),
  };
}

/**
 * Encrypts and authenticates: nonce (24 bytes), ciphertext, tag (16 bytes), the layout of Pomerium's XChaCha20-Poly1305. As there, the
 * first 16 bytes of the nonce choose a key of its own, which makes random nonces safe for any number of messages; the key
 * is drawn with HMAC-SHA256 where XChaCha has HChaCha20, which Node's crypto lacks.
 */
export function seal(key: Buffer, plain: Uint8Array, bound = ''): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, subkey(key, nonce), shortNonce(nonce), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(bound), { plaintextLength: plain.length });
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** The plain text, or undefined when the message is not from `seal` with this key and this binding. */
export function unseal(key: Buffer, sealed: Buffer, bound = ''): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, subkey(key, nonce), shortNonce(nonce), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(bound), { plaintextLength: body.length });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}

function subkey(key: Buffer, nonce: Buffer): Buffer {
  return createHmac('sha256', key).update(nonce.subarray(0, 16)).digest();
}

function shortNonce(nonce: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(4), nonce.subarray(16)]);
}

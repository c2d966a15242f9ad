import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  hkdfSync,
  randomBytes,
  sign as signBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { CliError } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';

/** What signs assertions, and what JWKS publishes. */
export interface SigningKeys {
  /** The document at /.well-known/pomerium/jwks.json. */
  jwks: string;
  /** A compact JWS over the claims. */
  sign(claims: Record<string, unknown>): string;
}

interface Algorithm {
  alg: string;
  hash: string;
}

const PEM_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/g;
const CURVES: Record<string, Algorithm> = {
  prime256v1: { alg: 'ES256', hash: 'sha256' },
  secp384r1: { alg: 'ES384', hash: 'sha384' },
  secp521r1: { alg: 'ES512', hash: 'sha512' },
};

/** The keys of `signing_key`; without one, a P-256 key that follows from the shared secret and so survives a restart. */
export function signingKeysOf(options: Pick<Options, 'signing_key' | 'shared_secret'>): SigningKeys {
  const keys = options.signing_key === undefined ? [deriveKey(options.shared_secret)] : readKeys(options.signing_key);
  const [first] = keys;
  if (!first) throw badKey('it holds no PEM private key');
  const { alg, hash } = algorithmOf(first);
  const published = keys.map(publicJwk);
  const header = encode({ alg, kid: published[0]?.['kid'], typ: 'JWT' });
  return {
    jwks: JSON.stringify({ keys: published }),
    sign(claims) {
      const input = `${header}.${encode(claims)}`;
      const signature = signBytes(hash, Buffer.from(input), { key: first, dsaEncoding: 'ieee-p1363' });
      return `${input}.${signature.toString('base64url')}`;
    },
  };
}

function readKeys(pem: string): KeyObject[] {
  try {
    return (pem.match(PEM_BLOCK) ?? []).map((block) => createPrivateKey(block));
  } catch (cause) {
    throw badKey('its PEM does not decode to a private key', cause);
  }
}

function badKey(why: string, cause?: unknown): CliError {
  return new CliError({
    code: 'BAD_SIGNING_KEY',
    message: 'signing_key cannot be used to sign assertions',
    why,
    fix: 'openssl ecparam -genkey -name prime256v1 -noout | base64 -w0    # the value of SIGNING_KEY',
    cause,
  });
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') return { alg: 'RS256', hash: 'sha256' };
  const found = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (!found) throw badKey(`a ${key.asymmetricKeyType ?? 'symmetric'} key is neither RSA nor on a NIST curve`);
  return found;
}

/** Members in the order in which Pomerium prints them. */
function publicJwk(key: KeyObject): Record<string, unknown> {
  const { kty, crv, x, y, n, e } = createPublicKey(key).export({ format: 'jwk' });
  const members = kty === 'EC' ? { crv, kty, x, y } : { e, kty, n };
  // RFC 7638, in hexadecimal as Pomerium has it.
  const kid = createHash('sha256').update(JSON.stringify(members)).digest('hex');
  const { alg } = algorithmOf(key);
  return { use: 'sig', kty, kid, ...(kty === 'EC' ? { crv } : {}), alg, ...(kty === 'EC' ? { x, y } : { n, e }) };
}

function deriveKey(sharedSecret: string | undefined): KeyObject {
  const secret = sharedSecret === undefined ? randomBytes(32) : Buffer.from(sharedSecret, 'base64');
  const ecdh = createECDH('prime256v1');
  // Almost every 32 bytes are a scalar of P-256; the counter covers the rest.
  for (let counter = 0; ; counter++) {
    const scalar = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `mcpgw assertion key ${counter}`, 32));
    try {
      ecdh.setPrivateKey(scalar);
    } catch {
      continue;
    }
    const point = ecdh.getPublicKey();
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
    const jwk: JsonWebKey = { kty: 'EC', crv: 'P-256', d: scalar.toString('base64url'), x: x ?? '', y: y ?? '' };
    return createPrivateKey({ key: jwk, format: 'jwk' });
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

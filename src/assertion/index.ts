import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { Fetch } from '../net/fetch.ts';

export interface AssertionOptions {
  /** Hosts of the gateway's routes: `whoami.example.com`, `whoami.localhost:8443`, or the same as a URL. */
  issuers: readonly string[];
  /** Where all their keys are; default: the well-known path on each issuer. */
  jwksUrl?: string;
  fetch: Fetch;
}

export type Verdict = { claims: JWTPayload } | { refused: string };

export interface AssertionVerifier {
  /** Never throws; a refusal says why in words for the person who runs the gateway. */
  verify(assertion: string | undefined): Promise<Verdict>;
}

interface Issuer {
  /** The route's host without port: what Pomerium writes into `aud`. */
  host: string;
  /** The spellings of `iss` that stand for it. */
  names: string[];
  keys: JWTVerifyGetKey;
}

/** Seconds by which clocks may differ. */
const TOLERANCE = 60;
/** Pomerium's assertions live for five minutes; one that claims to be older than this is not one of them. */
const MAX_AGE = '1 hour';
const JWKS_TIMEOUT = 5_000;
/** Milliseconds before an unknown key id may cause another fetch: after a rotation of the key the next call should go through. */
const JWKS_COOLDOWN = 2_000;
const JWKS_MAX_AGE = 600_000;
const JWKS_PATH = '/.well-known/pomerium/jwks.json';

/**
 * Verifies X-Pomerium-Jwt-Assertion. Keys come from the configured issuers alone: what a token says of itself picks one of
 * them or nothing, and never a URL.
 */
export function createAssertionVerifier(options: AssertionOptions): AssertionVerifier {
  const issuers = options.issuers.map((issuer) => toIssuer(issuer, options));
  return {
    async verify(assertion) {
      if (!assertion) {
        return {
          refused: 'the request has no X-Pomerium-Jwt-Assertion header; set pass_identity_headers: true on the route',
        };
      }
      return verifyWith(issuers, assertion);
    },
  };
}

async function verifyWith(issuers: readonly Issuer[], assertion: string): Promise<Verdict> {
  try {
    const claimed = decodeJwt(assertion).iss;
    const issuer = issuers.find(({ names }) => claimed !== undefined && names.includes(claimed));
    if (!issuer) return { refused: `the assertion's issuer ${quoted(claimed)} is none of this server's` };
    const { payload } = await jwtVerify(assertion, issuer.keys, {
      algorithms: ['ES256'],
      issuer: issuer.names,
      audience: issuer.host,
      clockTolerance: TOLERANCE,
      maxTokenAge: MAX_AGE,
      requiredClaims: ['iss', 'aud', 'exp', 'iat'],
    });
    return { claims: payload };
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

function toIssuer(issuer: string, { jwksUrl, fetch }: AssertionOptions): Issuer {
  const { hostname, host } = new URL(issuer.includes('://') ? issuer : `https://${issuer}`);
  const names = [hostname, host].flatMap((name) => [name, `https://${name}`, `https://${name}/`]);
  const keys = createRemoteJWKSet(new URL(jwksUrl ?? `https://${host}${JWKS_PATH}`), {
    timeoutDuration: JWKS_TIMEOUT,
    cooldownDuration: JWKS_COOLDOWN,
    cacheMaxAge: JWKS_MAX_AGE,
    [customFetch]: fetch,
  });
  return { host: hostname, names, keys };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the assertion has expired';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the assertion's claim ${error.claim} is wrong: ${error.message}`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the assertion is not signed with ES256';
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the assertion's signature is wrong";
  if (error instanceof errors.JWKSNoMatchingKey) return "the gateway's key list has no key for the assertion";
  if (error instanceof errors.JWKSTimeout) return `the gateway's key list did not come within ${JWKS_TIMEOUT / 1000} s`;
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return 'the assertion is no signed JWT';
  return `the gateway's key list cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}

/** A value out of a token that is not verified yet: shown short and on one line. */
function quoted(value: unknown): string {
  return value === undefined ? '(none)' : JSON.stringify(value).slice(0, 80);
}

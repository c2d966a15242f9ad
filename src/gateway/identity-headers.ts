import { randomUUID } from 'node:crypto';
import type { Options, Route, Session } from '../pomerium/model.ts';
import { assertedClaims, claimText } from './asserted-claims.ts';
import type { SigningKeys } from './signing-keys.ts';

/** Seconds an assertion is valid: Pomerium v0.33.1 authorize/evaluator/headers_evaluator_evaluation.go. */
const ASSERTION_LIFE = 300;
/** Milliseconds it is used for, so that a verifier always has four minutes left. */
const REUSE = 60_000;
/** Users remembered by a route before the list starts anew. */
const REMEMBERED = 1_000;

/** What a request tells the upstream about its user, ready to go on the wire. */
export interface IdentityHeaders {
  /** Header lines, each with its CRLF. */
  block: string;
  assertion: string;
}

interface Remembered extends IdentityHeaders {
  until: number;
}

/** Makes and remembers the identity headers of one route. */
export class IdentityHeaderSource {
  readonly #keys: SigningKeys;
  readonly #hostname: string;
  readonly #issuer: string;
  readonly #claimHeaders: readonly (readonly [header: string, claim: string])[];
  readonly #bySession = new Map<string, Remembered>();

  constructor(keys: SigningKeys, hostname: string, options: Options, route: Route) {
    this.#keys = keys;
    this.#hostname = hostname;
    const format = route.jwt_issuer_format ?? options.jwt_issuer_format;
    this.#issuer = format === 'uri' ? `https://${hostname}/` : hostname;
    this.#claimHeaders = Object.entries(options.jwt_claims_headers).sort(([a], [b]) => compareNames(a, b));
  }

  of(session: Session): IdentityHeaders {
    const now = Date.now();
    const known = this.#bySession.get(session.id);
    if (known && known.until > now) return known;
    if (this.#bySession.size >= REMEMBERED) this.#bySession.clear();
    const claims = this.#claims(session, now);
    const assertion = this.#keys.sign(claims);
    const lines = this.#claimHeaders.map(([header, claim]) => `${header}: ${headerValue(claims[claim])}\r\n`);
    const block = `${lines.join('')}x-pomerium-jwt-assertion: ${assertion}\r\n`;
    const made = { block, assertion, until: now + REUSE };
    this.#bySession.set(session.id, made);
    return made;
  }

  #claims(session: Session, now: number): Record<string, unknown> {
    const iat = Math.floor(now / 1_000);
    const ofTheUser = assertedClaims(
      session,
      this.#claimHeaders.map(([, claim]) => claim),
    );
    const own = { aud: this.#hostname, exp: iat + ASSERTION_LIFE, iat, iss: this.#issuer, jti: randomUUID() };
    return { ...ofTheUser, ...own };
  }
}

function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}

/** What a header line cannot hold (RFC 9110 §5.5) is left out. */
function headerValue(claim: unknown): string {
  return claimText(claim).replace(/[^\t\x20-\x7e]/g, '');
}

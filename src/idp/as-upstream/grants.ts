import { createHash, randomBytes } from 'node:crypto';

/** What a user approved for a client; all tokens that come from it stand or fall with it. */
export interface Grant {
  id: string;
  user: string;
  clientId: string;
  scopes: readonly string[];
  /** The resource indicator (RFC 8707), if one was sent. */
  resource: string | undefined;
  revoked: boolean;
}

export interface PendingCode {
  grant: Grant;
  redirectUri: string;
  challenge: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

interface AccessToken {
  grant: Grant;
  /** Milliseconds since 1970. */
  expiresAt: number;
  revoked: boolean;
}

interface RefreshToken {
  grant: Grant;
  used: boolean;
}

const CODE_LIFE = 60_000;

/** Codes and tokens, in memory: they end with the process, as those of a mock may. */
export class Grants {
  readonly #codes = new Map<string, PendingCode>();
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  issueCode(approved: Omit<Grant, 'id' | 'revoked'>, request: Pick<PendingCode, 'redirectUri' | 'challenge'>): string {
    const grant = { ...approved, id: randomBytes(8).toString('hex'), revoked: false };
    const code = secretOf('code');
    this.#codes.set(code, { ...request, grant, expiresAt: this.#now() + CODE_LIFE });
    return code;
  }

  /** A code is good for one try (RFC 6749 §4.1.2). */
  takeCode(code: string): PendingCode | undefined {
    const pending = this.#codes.get(code);
    this.#codes.delete(code);
    return pending && pending.expiresAt > this.#now() ? pending : undefined;
  }

  /** `life` in seconds. */
  issueAccessToken(grant: Grant, life: number): string {
    const token = secretOf('access');
    this.#access.set(token, { grant, expiresAt: this.#now() + life * 1000, revoked: false });
    return token;
  }

  issueRefreshToken(grant: Grant): string {
    const token = secretOf('refresh');
    this.#refresh.set(token, { grant, used: false });
    return token;
  }

  /** Marks the token as used; `reused` says that it was already. Undefined: unknown or revoked. */
  takeRefreshToken(token: string): { grant: Grant; reused: boolean } | undefined {
    const found = this.#refresh.get(token);
    if (!found || found.grant.revoked) return undefined;
    const reused = found.used;
    found.used = true;
    return { grant: found.grant, reused };
  }

  /** Whose token it is, and why it is not good; undefined when it was not issued here. `early` in seconds. */
  lookUp(token: string, early = 0): { grant: Grant; fault: 'expired' | 'revoked' | undefined } | undefined {
    const found = this.#access.get(token);
    if (!found) return undefined;
    const { grant } = found;
    if (found.revoked || grant.revoked) return { grant, fault: 'revoked' };
    return { grant, fault: found.expiresAt - early * 1000 <= this.#now() ? 'expired' : undefined };
  }

  /** An access token ends alone, a refresh token with all that came of its grant (RFC 7009 §2.1). */
  revoke(token: string): boolean {
    const access = this.#access.get(token);
    if (access) access.revoked = true;
    const refresh = this.#refresh.get(token);
    if (refresh) refresh.grant.revoked = true;
    return access !== undefined || refresh !== undefined;
  }

  expireAll(): void {
    for (const token of this.#access.values()) token.expiresAt = 0;
  }

  revokeAll(): void {
    for (const { grant } of [...this.#access.values(), ...this.#refresh.values(), ...this.#codes.values()]) {
      grant.revoked = true;
    }
  }
}

/** The kind stands in front, so that a token found in the wrong place tells what it is. */
function secretOf(kind: 'code' | 'access' | 'refresh'): string {
  return `upstream-${kind}-${randomBytes(24).toString('base64url')}`;
}

/** RFC 7636 §4.6 */
export function answersChallenge(verifier: string, challenge: string): boolean {
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}

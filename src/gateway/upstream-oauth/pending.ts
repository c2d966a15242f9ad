import { createHash, randomBytes } from 'node:crypto';
import type { StateStore } from '../identity/state-store.ts';
import type { SealedPendingUpstream } from '../identity/pending-upstream-table.ts';
import type { CodeRequest } from '../identity/code-grant.ts';
import type { Vault } from './vault.ts';

/** Milliseconds the user has for the authorization server: Pomerium v0.33.1 internal/mcp/upstream_auth.go. */
const LIFE = 300_000;
/** Milliseconds for which it can still be told that the time is over. */
const MEMORY = 3_600_000;

/** How the browser goes on when the token is there. */
export type Resume =
  /** With a code for the MCP client whose authorization request led here. */
  { kind: 'code'; request: CodeRequest } | { kind: 'return'; url: string };

/** An authorization at an upstream's authorization server under way. */
export interface PendingUpstream {
  state: string;
  userId: string;
  routeId: string;
  upstreamUrl: string;
  /** The Host header, with its port. */
  downstreamHost: string;
  verifier: string;
  scopes: string[];
  authorizationEndpoint: string;
  tokenEndpoint: string;
  issuer: string;
  /** It has to name itself at the callback. */
  issuerInResponse: boolean;
  /** Where the browser goes when nothing is to be resumed. */
  originalUrl: string;
  redirectUri: string;
  clientId: string;
  clientSecret?: string;
  resource: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  resume?: Resume;
}

/** Fresh values of one authorization. */
export function createPending(fields: Omit<PendingUpstream, 'state' | 'verifier' | 'expiresAt'>): PendingUpstream {
  return {
    ...fields,
    state: randomBytes(32).toString('base64url'),
    verifier: randomBytes(32).toString('base64url'),
    expiresAt: Date.now() + LIFE,
  };
}

/** RFC 7636 §4.2. */
export function challengeOf({ verifier }: PendingUpstream): string {
  return sha256(verifier);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** One for each user and host, as in Pomerium: the next one takes the place of the one before. */
export class PendingUpstreams {
  readonly #store: StateStore;
  readonly #vault: Vault;

  constructor(store: StateStore, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  async put(pending: PendingUpstream): Promise<void> {
    const { userId, downstreamHost, state, expiresAt } = pending;
    await this.#store.sweep();
    await this.#store.pendingUpstreams.put({
      userId,
      downstreamHost,
      stateHash: sha256(state),
      sealed: this.#vault.close(pending, userId, downstreamHost),
      expiresAt: expiresAt + MEMORY,
    });
  }

  /** `host` as Pomerium looks it up: without a port. On another port than 443, therefore, none is ever found. */
  async find(userId: string, host: string): Promise<PendingUpstream | undefined> {
    return this.#open(await this.#store.pendingUpstreams.find(userId, host));
  }

  async findByState(state: string): Promise<PendingUpstream | undefined> {
    return this.#open(await this.#store.pendingUpstreams.findByState(sha256(state)));
  }

  async delete(userId: string, host: string): Promise<void> {
    await this.#store.pendingUpstreams.delete(userId, host);
  }

  #open(row: SealedPendingUpstream | undefined): PendingUpstream | undefined {
    return row && (this.#vault.open(row.sealed, row.userId, row.downstreamHost) as PendingUpstream | undefined);
  }
}

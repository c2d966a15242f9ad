import { randomUUID } from 'node:crypto';
import type { Authorization } from '../../../src/gateway/identity/authorization-table.ts';
import type { ClientMetadata } from '../../../src/gateway/identity/client-metadata.ts';
import type { RefreshToken } from '../../../src/gateway/identity/refresh-token-table.ts';
import type { StoredSession } from '../../../src/gateway/identity/session-table.ts';
import type { StateStore } from '../../../src/gateway/identity/state-store.ts';

const HOUR = 3_600_000;

export const METADATA: ClientMetadata = {
  redirect_uris: ['http://127.0.0.1/cb'],
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
};

export function aSession(changes: Partial<StoredSession> = {}): StoredSession {
  const now = Date.now();
  const { id, claims } = { id: randomUUID(), claims: { groups: ['staff'], ünï: '\0 “quoted”' } };
  const who = { userId: 'u1', email: 'alice@company.com', name: "Alice O'Neill", idpId: 'idp' };
  return { id, claims, ...who, idToken: 'it', idpRefreshToken: 'rt', issuedAt: now, expiresAt: now + HOUR, ...changes };
}

export function anAuthorization(sessionId: string, changes: Partial<Authorization> = {}): Authorization {
  const what = { clientId: 'c1', sessionId, redirectUri: 'http://127.0.0.1/cb', codeChallenge: 'x'.repeat(43) };
  return { id: randomUUID(), ...what, expiresAt: Date.now() + 600_000, ...changes };
}

export function aRefreshToken(sessionId: string, changes: Partial<RefreshToken> = {}): RefreshToken {
  const expiresAt = Date.now() + HOUR;
  return {
    id: randomUUID(),
    clientId: 'c1',
    sessionId,
    idpId: 'idp',
    idpRefreshToken: 'rt',
    claims: {},
    expiresAt,
    ...changes,
  };
}

/** A refresh token that was issued for a code. */
export async function issue(store: StateStore, sessionId: string): Promise<RefreshToken> {
  const [code, token] = [anAuthorization(sessionId), aRefreshToken(sessionId)];
  await store.authorizations.add(code);
  await store.redeem(code.id, token);
  return token;
}

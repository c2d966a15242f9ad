import { randomUUID } from 'node:crypto';
import type { Exchange, Reply } from '../exchange.ts';
import { boundTo, isResourceOf } from '../strict/authorization.ts';
import { familyOf, joinFamily, revokeFamily, sessionForClient } from '../strict/families.ts';
import { json } from './answers.ts';
import { findClient, type FoundClient } from './clients.ts';
import type { Gate } from './gate.ts';
import { describeFailure } from './oidc.ts';
import { createToken, openToken, trimPrefix } from './opaque-token.ts';
import type { RefreshToken } from './refresh-token-table.ts';
import type { StoredSession } from './session-table.ts';
import { StoreUnavailable } from './state-store.ts';
import { isAuthenticated, provesPossession, readTokenRequest, type TokenRequest } from './token-request.ts';

/** Milliseconds a refresh token lives. */
const REFRESH_LIFE = 365 * 24 * 3_600_000;

/** What a grant ends in: the session that tokens are issued for, or the error code of RFC 6749 §5.2 and a reason for the log. */
type Outcome =
  | { kind: 'granted'; clientId: string; session: StoredSession; refreshTokenId: string }
  | { kind: 'refused'; error: string; reason: string };

/** Pomerium v0.33.1 internal/mcp/handler_token.go: every refusal is 400 with a bare error code. */
export async function token(gate: Gate, exchange: Exchange): Promise<Reply> {
  const request = await readTokenRequest(exchange);
  const outcome = request ? await answer(gate, request, exchange.host) : refuse('malformed request', 'invalid_request');
  const about = { 'client-id': request?.clientId, 'request-id': exchange.requestId };
  if (outcome.kind === 'refused') {
    const { error, reason } = outcome;
    gate.log({ level: 'info', message: 'mcp/token: refused', error, reason, ...about });
    return gate.faults.spoilTokenReply(json(400, { error }));
  }
  const { id, userId } = outcome.session;
  gate.log({
    level: 'info',
    message: 'mcp/token: token issued successfully',
    'user-id': userId,
    'session-id': id,
    ...about,
  });
  return gate.faults.spoilTokenReply(issue(gate, outcome, exchange.host));
}

async function answer(gate: Gate, request: TokenRequest, host: string): Promise<Outcome> {
  const found = await lookUpClient(gate, request.clientId);
  if (found.kind !== 'client') return refuse(`client: ${found.kind}`, 'invalid_request');
  if (!isAuthenticated(found.client, request)) return refuse('client secret missing or wrong', 'invalid_request');
  if (gate.strict && request.resource !== undefined && !isResourceOf(request.resource, host)) {
    return refuse('the resource is none of this host', 'invalid_target');
  }
  switch (request.grantType) {
    case 'authorization_code':
      return redeemCode(gate, request, host);
    case 'refresh_token':
      return refresh(gate, request, host);
    default:
      return refuse(request.grantType, 'unsupported_grant_type');
  }
}

/** Pomerium v0.33.1 answers 400 also when it cannot ask its store. */
async function lookUpClient(gate: Gate, clientId: string): Promise<FoundClient | { kind: 'store unavailable' }> {
  try {
    return await findClient(gate, clientId);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const reason = `failed to get client registration: failed to get client by ID: ${error.message}`;
    gate.log({ level: 'error', message: 'mcp/token: get token request failed', error: reason });
    return { kind: 'store unavailable' };
  }
}

function refuse(reason: string, error = 'invalid_grant'): Outcome {
  return { kind: 'refused', error, reason };
}

/** A failed proof of possession leaves the code usable; success consumes it. */
async function redeemCode(gate: Gate, request: TokenRequest, host: string): Promise<Outcome> {
  const { clientId, code = '', codeVerifier } = request;
  const opened = openToken(gate.secret.keys().tokens, 'code', code, boundIn(gate, clientId, host));
  if (!opened) return refuse("the code is none of ours, or another client's");
  if (opened.expiresAt <= Date.now()) return refuse('the code has expired');
  const authorization = await gate.store.authorizations.find(opened.id);
  if (!authorization) return usedTwice(gate, opened.id, 'the code was redeemed before');
  if (gate.strict && authorization.redirectUri !== request.redirectUri) return refuse('another redirect URI');
  if (!provesPossession(authorization, codeVerifier)) return refuse('the code verifier is missing or wrong');
  const found = await gate.store.sessions.find(authorization.sessionId);
  if (!found) return refuse('the session has ended');
  const session = gate.strict ? await sessionForClient(gate, found) : found;
  // Both or neither: a crash in between must not eat the code.
  const next = createRefreshToken(clientId, session);
  if (gate.strict) await joinFamily(gate, authorization.id, next);
  if (!(await gate.store.redeem(authorization.id, next))) {
    return usedTwice(gate, authorization.id, 'the code was redeemed before');
  }
  return { kind: 'granted', clientId, session, refreshTokenId: next.id };
}

/** Every refresh makes a new session with the identity provider's refresh token; the old session lives on to its end. */
async function refresh(gate: Gate, request: TokenRequest, host: string): Promise<Outcome> {
  if (gate.faults.refusesRefresh) return refuse('fault refuse-refresh');
  const { clientId, refreshToken: presented = '' } = request;
  const opened = openToken(
    gate.secret.keys().tokens,
    'refresh',
    trimPrefix(presented, gate.behaviour.tokenPrefixes.refresh),
    boundIn(gate, clientId, host),
  );
  const stored = opened && (await gate.store.refreshTokens.find(opened.id));
  if (!stored || stored.clientId !== clientId) {
    const reason = 'the refresh token is unknown, expired, used or revoked';
    return opened ? usedTwice(gate, opened.id, reason) : refuse(reason);
  }
  if (stored.idpRefreshToken === undefined) {
    return refuse('the identity provider gave no refresh token; ask it for the scope offline_access');
  }
  const session = await renewSession(gate, stored, stored.idpRefreshToken);
  if (typeof session === 'string') return refuse(session);
  const next = createRefreshToken(clientId, session);
  if (gate.strict) await joinFamily(gate, await familyOf(gate, stored.id), next);
  if (!(await gate.store.rotate(stored.id, session, next))) {
    return usedTwice(gate, stored.id, 'the refresh token was used in the meantime');
  }
  return { kind: 'granted', clientId, session, refreshTokenId: next.id };
}

/** What a code or a refresh token is sealed to. */
function boundIn(gate: Gate, clientId: string, host: string): string {
  return gate.strict ? boundTo(clientId, host) : clientId;
}

/** Ours, and no longer good: of a code or a refresh token that was used before, a strict gateway revokes what it led to. */
async function usedTwice(gate: Gate, id: string, reason: string): Promise<Outcome> {
  if (gate.strict) await revokeFamily(gate, await familyOf(gate, id));
  return refuse(reason);
}

/** The new session, or why there is none. */
async function renewSession(
  gate: Gate,
  { idpId, claims }: RefreshToken,
  idpRefreshToken: string,
): Promise<StoredSession | string> {
  try {
    const provider = gate.providers.current();
    if (provider.id !== idpId) return 'the session was made with another identity provider';
    return await provider.refresh(idpRefreshToken, claims);
  } catch (error) {
    return `the identity provider refused or failed: ${describeFailure(error)}`;
  }
}

/** Issued even when the provider gave none of its own, as Pomerium does; using it will fail then. */
function createRefreshToken(clientId: string, session: StoredSession): RefreshToken {
  const { id: sessionId, idpId, idpRefreshToken, claims } = session;
  return {
    id: randomUUID(),
    clientId,
    sessionId,
    idpId,
    claims,
    expiresAt: Date.now() + REFRESH_LIFE,
    ...(idpRefreshToken === undefined ? {} : { idpRefreshToken }),
  };
}

function issue(
  gate: Gate,
  { clientId, session, refreshTokenId }: Extract<Outcome, { kind: 'granted' }>,
  host: string,
): Reply {
  const now = Date.now();
  const refreshToken = { id: refreshTokenId, expiresAt: now + REFRESH_LIFE };
  const body = {
    access_token: gate.sessions.createToken(session, gate.strict ? host : undefined),
    token_type: 'Bearer',
    expires_in: Math.max(0, Math.floor((session.expiresAt - now) / 1_000)),
    refresh_token:
      gate.behaviour.tokenPrefixes.refresh +
      createToken(gate.secret.keys().tokens, 'refresh', refreshToken, boundIn(gate, clientId, host)),
  };
  return json(200, body, { noStore: true, newline: false });
}

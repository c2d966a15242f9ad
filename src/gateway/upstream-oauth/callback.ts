import type { Session } from '../../pomerium/model.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { redirect } from '../identity/answers.ts';
import { grantCode } from '../identity/code-grant.ts';
import type { Gate } from '../identity/gate.ts';
import { textReply } from '../replies.ts';
import { beganHere } from '../strict/consent.ts';
import type { UpstreamHttp } from './http.ts';
import type { PendingUpstream, PendingUpstreams } from './pending.ts';
import { requestToken, type TokenResponse } from './token-endpoint.ts';
import type { UpstreamTokens } from './tokens.ts';
import { upstreamTokenFrom } from './upstream-token.ts';

export interface CallbackOptions {
  http: UpstreamHttp;
  pending: PendingUpstreams;
  tokens: UpstreamTokens;
}

/** Status and body for the browser, and why, for the log. */
type Refusal = [status: number, text: string, reason: string];

/**
 * The way back from an upstream's authorization server: Pomerium v0.33.1 internal/mcp/handler_client_oauth_callback.go. Nobody has to
 * be signed in; the state is the protection. A user who declines stays on a bare text page, and the MCP client never hears of it.
 */
export async function upstreamCallback(
  gate: Gate,
  o: CallbackOptions,
  exchange: Exchange,
  session: Session | undefined,
): Promise<Reply> {
  const outcome = await takeBack(gate, o, exchange, session);
  if (!Array.isArray(outcome)) return resume(gate, exchange.host, outcome);
  const [status, text, reason] = outcome;
  const message = `mcp/client-oauth-callback: ${text}`;
  gate.log({ level: 'error', message, error: reason, host: exchange.host, 'request-id': exchange.requestId });
  return textReply(status, text);
}

/** The authorization that has come to its end, its token stored. */
async function takeBack(
  gate: Gate,
  o: CallbackOptions,
  exchange: Exchange,
  session: Session | undefined,
): Promise<PendingUpstream | Refusal> {
  const { query } = exchange;
  const [code, state, error] = ['code', 'state', 'error'].map((name) => query.get(name) || undefined);
  if (code === undefined || state === undefined) {
    if (error !== undefined) return [400, 'Authorization failed', `the authorization server says ${shown(error)}`];
    return [400, 'Invalid callback: missing code or state', 'code or state is missing'];
  }
  const pending = await o.pending.findByState(state).catch(String);
  if (typeof pending === 'string') return [400, 'Invalid or expired state', pending];
  if (!pending) return [400, 'Invalid or expired state', 'no authorization under way has this state'];
  // The authorization goes on in the browser that began it: whoever else brings the state does not spoil it.
  if (gate.strict && !beganHere(gate, exchange, session, pending)) {
    return [400, 'Invalid or expired state', 'the state belongs to another browser'];
  }
  const refusal = checkAnswer(gate, pending, query.get('iss')) ?? (await storeToken(o, pending, code));
  // What could not be stored may be tried again, though the code is spent at most servers.
  if (refusal?.[0] !== 500) await o.pending.delete(pending.userId, pending.downstreamHost);
  if (refusal) return refusal;
  const { userId, routeId, upstreamUrl } = pending;
  const message = 'mcp/client-oauth-callback: upstream token stored';
  gate.log({ level: 'info', message, 'user-id': userId, 'route-id': routeId, 'upstream-server': upstreamUrl });
  return pending;
}

function checkAnswer(gate: Gate, pending: PendingUpstream, issuer: string | null): Refusal | undefined {
  if (pending.expiresAt < Date.now()) {
    return [400, 'Authorization state expired, please retry', 'the user took more than five minutes'];
  }
  // RFC 9207 §2.4; from the release on that sends `iss` itself.
  if (!gate.behaviour.issuerInResponse || !pending.issuerInResponse || issuer === pending.issuer) return undefined;
  return [400, 'Invalid issuer', `the answer is not from ${pending.issuer}`];
}

async function storeToken(o: CallbackOptions, pending: PendingUpstream, code: string): Promise<Refusal | undefined> {
  const { userId, routeId, upstreamUrl } = pending;
  const response = await redeem(o.http, pending, code);
  if (typeof response === 'string') return [502, 'Token exchange failed', response];
  const resource = pending.resource || upstreamUrl;
  try {
    await o.tokens.put({ userId, routeId, upstreamUrl }, upstreamTokenFrom(response, { ...pending, resource }));
    return undefined;
  } catch (cause) {
    return [500, 'Failed to store token', String(cause)];
  }
}

/** The answer of the token endpoint (RFC 6749 §4.1.3), or why there is none. */
async function redeem(http: UpstreamHttp, pending: PendingUpstream, code: string): Promise<TokenResponse | string> {
  try {
    return await requestToken(http, pending.tokenEndpoint, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: pending.redirectUri,
      client_id: pending.clientId,
      code_verifier: pending.verifier,
      client_secret: pending.clientSecret,
      resource: pending.resource || pending.upstreamUrl,
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function resume(gate: Gate, host: string, { resume: how, originalUrl }: PendingUpstream): Promise<Reply> {
  if (how?.kind === 'code') return grantCode(gate, host, how.request);
  return redirect(how ? how.url : originalUrl);
}

/** What a query parameter says, fit for a log line. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

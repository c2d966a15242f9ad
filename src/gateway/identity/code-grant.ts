import { randomUUID } from 'node:crypto';
import type { Session } from '../../pomerium/model.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { redirect } from './answers.ts';
import { boundTo } from '../strict/authorization.ts';
import type { Gate } from './gate.ts';
import { createToken } from './opaque-token.ts';
import { withParameters } from './redirect-uri.ts';

/** Milliseconds a code may be redeemed. */
const CODE_LIFE = 600_000;

/** An authorization request that passed all checks. */
export interface CodeRequest {
  clientId: string;
  sessionId: string;
  redirectUri?: string | undefined;
  codeChallenge?: string | undefined;
  codeChallengeMethod?: string | undefined;
  /** Of the client; empty when it gave none. */
  state: string;
}

/** What follows when everything about the request is right: the upstream's own consent, then the code. */
export async function proceed(gate: Gate, exchange: Exchange, session: Session, granted: CodeRequest): Promise<Reply> {
  return (await gate.upstream.authorizeFirst(exchange, session, granted)) ?? grantCode(gate, exchange.host, granted);
}

/** Sends the browser back to the client with a code (RFC 6749 §4.1.2), at once or after the upstream's consent. `host`: of this request. */
export async function grantCode(gate: Gate, host: string, request: CodeRequest): Promise<Reply> {
  const { clientId, sessionId, redirectUri = '', codeChallenge, codeChallengeMethod, state } = request;
  const id = randomUUID();
  const expiresAt = Date.now() + CODE_LIFE;
  await gate.store.sweep();
  await gate.store.authorizations.add({
    id,
    clientId,
    sessionId,
    redirectUri,
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(codeChallengeMethod === undefined ? {} : { codeChallengeMethod }),
    expiresAt,
  });
  const bound = gate.strict ? boundTo(clientId, host) : clientId;
  const code = createToken(gate.secret.keys().tokens, 'code', { id, expiresAt }, bound);
  // Without a redirect URI Pomerium v0.33.1 redirects to itself: a defect that clients meet there too.
  const parameters: Record<string, string> = { code, state };
  if (gate.behaviour.issuerInResponse) parameters['iss'] = `https://${host}`;
  return redirect(withParameters(redirectUri || '/.pomerium/mcp/', parameters));
}

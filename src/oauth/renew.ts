import { parseChallenge } from './challenge.ts';
import { discover } from './discover.ts';
import { signInNeeded } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { findGrants, toToken, usable } from './grants.ts';
import { refresh } from './protocol.ts';
import { coversScope } from './scopes.ts';
import { signIn } from './sign-in.ts';
import { GrantRefused, type Grant } from './token-answer.ts';
import type { ObtainTokenOptions, StoredGrant, Token } from './types.ts';

/**
 * Refreshes or signs in, one process at a time: with rotating refresh tokens two that refresh at once would lose the grant. Whoever
 * waited takes what the other one brought.
 */
export async function renewToken(options: ObtainTokenOptions): Promise<Token> {
  const { store, server, as, signal, note } = options;
  const lock = await store.lockFile(server.href, as?.user ?? '');
  const onWait = (): void => note('another mcpgw is getting a token for this server; waiting for it');
  return withFileLock(lock, { signal, onWait }, async () => renewAlone(options));
}

async function renewAlone(options: ObtainTokenOptions): Promise<Token> {
  const { server, rejected, fetch, signal, fresh } = options;
  const grants = await findGrants(options);
  const brought = fresh ? undefined : usable(grants, options);
  const challenge = rejected ? (parseChallenge(rejected.challenge) ?? {}) : undefined;
  if (brought && coversScope(brought.scope, challenge?.scope)) return toToken(brought, 'cache');
  const [held] = grants;
  const isStepUp = rejected?.status === 403;
  let why = whyNot(held, rejected);

  const canRefresh = !fresh && !isStepUp && rejected?.isNew !== true && coversScope(held?.scope, options.scope);
  if (held && canRefresh && !rejected) {
    const outcome = await tryRefresh(options, held);
    if (typeof outcome !== 'string') return outcome;
    why = outcome;
  }
  const mayAsk = options.as !== undefined || options.unattended !== true;
  if (!mayAsk && !rejected) throw signInNeeded(server.href, why, commandOf(options));
  const discovery = await discover(fetch, server, challenge, signal);
  // A server that has moved to another authorization server has no use for the old one's tokens.
  if (held && canRefresh && rejected && held.issuer === discovery.metadata.issuer) {
    const outcome = await tryRefresh(options, held);
    if (typeof outcome !== 'string') return outcome;
    why = outcome;
  }
  if (!mayAsk)
    throw signInNeeded(
      server.href,
      isStepUp ? `the server asks for more scopes: ${challenge?.scope ?? 'unnamed'}` : why,
      commandOf(options),
    );
  const grant = await signIn(options, discovery, isStepUp ? held?.scope : undefined);
  if (held && held.client.clientId !== grant.client.clientId) await options.store.drop(held);
  return toToken(grant, 'sign-in');
}

function whyNot(held: StoredGrant | undefined, rejected: ObtainTokenOptions['rejected']): string {
  if (!held) return 'no token is stored for it';
  return rejected?.isNew
    ? 'the server turns away the refreshed token too: somebody has to sign in, or to consent at the service behind it'
    : 'the stored token has expired, and it cannot be refreshed';
}

/** The refreshed token, stored before anybody uses it; or why there is none. */
async function tryRefresh(options: ObtainTokenOptions, held: StoredGrant): Promise<Token | string> {
  const { refreshToken } = held;
  if (refreshToken === undefined) return 'the stored token has expired, and the server gave no refresh token';
  try {
    const answer = await refresh(options, { ...held, refreshToken });
    const grant = updated(held, answer, options.now());
    await options.store.save(grant);
    return toToken(grant, 'refresh');
  } catch (error) {
    if (!(error instanceof GrantRefused)) throw error;
    await options.store.drop(held);
    // Pomerium says invalid_request where RFC 6749 says invalid_client.
    if (['invalid_client', 'invalid_request', 'unauthorized_client'].includes(error.error))
      await options.store.dropRegistration(held.issuer);
    return `the stored token could not be refreshed: ${error.error}`;
  }
}

function updated(held: StoredGrant, answer: Grant, now: number): StoredGrant {
  const { expiresAt: _, ...kept } = held;
  return {
    ...kept,
    accessToken: answer.accessToken,
    tokenType: answer.tokenType,
    ...(answer.expiresIn === undefined ? {} : { expiresAt: now + answer.expiresIn * 1000 }),
    ...(answer.refreshToken === undefined ? {} : { refreshToken: answer.refreshToken }),
    ...(answer.scope === undefined ? {} : { scope: answer.scope }),
    savedAt: now,
  };
}

function commandOf({ command, server }: ObtainTokenOptions): string {
  return command ?? `mcpgw token ${server.href}`;
}

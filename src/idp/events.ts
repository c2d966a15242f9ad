import type { Log } from '../net/log.ts';
import { scriptedUser } from './authorization.ts';
import type { OidcContext, OidcError, Provider } from './oidc.ts';
import { userOf, type DevUsers } from './users.ts';

/** What oidc-provider emits when it refuses a request, and how the log calls that request. */
const REFUSALS: Record<string, string> = {
  'authorization.error': 'an authorization request',
  'grant.error': 'a token request',
  'userinfo.error': 'a userinfo request',
  'revocation.error': 'a revocation request',
  'end_session.error': 'a sign-out request',
  'end_session_confirm.error': 'a sign-out request',
  'discovery.error': 'a discovery request',
  'jwks.error': 'a key request',
};

/** Writes one entry for each sign-in, sign-out, refused request and error. No entry holds a code, a token or a secret. */
export function logEvents(provider: Provider, users: DevUsers, log: Log): void {
  provider.on('authorization.success', (ctx: OidcContext) => {
    const user = ctx.oidc.account?.accountId ?? '';
    const how = scriptedUser(ctx) === undefined ? (ctx.oidc.result?.login ? 'page' : 'session') : 'header';
    log({
      level: 'info',
      message: 'signed in',
      user,
      email: userOf(users, user)?.email,
      client: ctx.oidc.client?.clientId,
      how,
    });
  });
  provider.on('end_session.success', (ctx: OidcContext) => {
    const { session } = ctx.oidc;
    // Also emitted for "stay signed in", and for a browser that nobody was signed in with.
    if (session?.destroyed && session.accountId) log({ level: 'info', message: 'signed out', user: session.accountId });
  });
  for (const [event, request] of Object.entries(REFUSALS)) {
    provider.on(event, (ctx: OidcContext, error: OidcError) => {
      log({ level: 'warn', message: `refused ${request}`, ...reasonOf(error), client: ctx.oidc.client?.clientId });
    });
  }
  // Koa's own events: what no handler caught, such as a connection that went away in the middle.
  for (const event of ['server_error', 'error']) {
    provider.on(event, (...words: unknown[]) => {
      const error = words.find((word): word is Error => word instanceof Error);
      log({ level: 'error', message: 'a request failed', reason: error?.message, stack: error?.stack });
    });
  }
}

function reasonOf(error: OidcError): { error: string; reason: string; detail: string | undefined } {
  return {
    error: error.error ?? error.name,
    reason: error.error_description ?? error.message,
    detail: error.error_detail,
  };
}

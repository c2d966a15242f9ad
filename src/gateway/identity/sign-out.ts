import type { Exchange, Reply } from '../exchange.ts';
import { renderPage } from '../page.ts';
import { interceptedRedirect } from './answers.ts';
import { clearCookie, readCookie } from './cookies.ts';
import type { Gate } from './gate.ts';
import { authenticateOrigin } from './hosts.ts';
import { describeFailure } from './oidc.ts';
import { authenticateCookie } from './sign-in.ts';
import { hasValidSignature, signLink, traceParent } from './signed-link.ts';
import type { StoredSession } from './session-table.ts';

/**
 * /.pomerium/sign_out at a route's host: drops its cookie and goes to the authenticate service, which ends the session. Where a page
 * asks to go afterwards counts only with `allow_any_sign_out_redirect_uri`: Pomerium v0.33.1 proxy/handlers.go, SignOut.
 */
export function signOutOfRoute(gate: Gate, exchange: Exchange): Reply {
  const options = gate.options();
  const isFree = options.runtime_flags['allow_any_sign_out_redirect_uri'] === true;
  const returnTo = (isFree ? askedReturn(exchange) : undefined) ?? configuredReturn(gate);
  const link = signLink(gate.secret.keys().links, `${authenticateOrigin(options)}/.pomerium/sign_out`, [
    ...(returnTo ? [['pomerium_redirect_uri', returnTo] as const] : []),
    traceParent(),
  ]);
  return interceptedRedirect(link, [clearCookie(options, options.cookie_name)]);
}

/**
 * /.pomerium/sign_out at the authenticate service: only a signed link signs out, so that no foreign page can; without one
 * the page asks. Pomerium v0.33.1 authenticate/handlers.go SignOut.
 */
export async function signOut(gate: Gate, exchange: Exchange): Promise<Reply> {
  const options = gate.options();
  const origin = authenticateOrigin(options);
  if (!hasValidSignature(gate.secret.keys().links, exchange)) {
    const url = signLink(gate.secret.keys().links, `${origin}/.pomerium/sign_out`, []);
    return page({ page: 'SignOutConfirm', url }, [{ href: url, text: 'Sign out' }]);
  }
  const handle = gate.sessions.handleOf(readCookie(exchange.headers.cookie, authenticateCookie(gate)));
  const session = handle && (await gate.store.sessions.find(handle.id));
  if (session) await endSession(gate, session);
  const signedOut = `${origin}/.pomerium/signed_out`;
  const target =
    (await providerSignOut(gate, session, signedOut)) ?? askedReturn(exchange) ?? configuredReturn(gate) ?? signedOut;
  return interceptedRedirect(target, [clearCookie(options, authenticateCookie(gate))]);
}

export function signedOut(): Reply {
  return page({ page: 'SignedOut', description: 'You have been signed out.' });
}

/** Here first: the session has to be over whatever the identity provider says. */
async function endSession(gate: Gate, session: StoredSession): Promise<void> {
  await gate.sessions.end(session.id);
  const token = session.idpRefreshToken ?? session.idpAccessToken;
  if (token === undefined) return;
  try {
    await gate.providers.current().oidc.revoke(token);
  } catch (error) {
    gate.log({
      level: 'warn',
      message: 'authenticate: the identity provider did not revoke its token',
      error: describeFailure(error),
    });
  }
}

async function providerSignOut(
  gate: Gate,
  session: StoredSession | undefined,
  back: string,
): Promise<string | undefined> {
  try {
    return await gate.providers.current().oidc.endSessionUrl(session?.idToken, back);
  } catch (error) {
    gate.log({
      level: 'warn',
      message: 'authenticate: the identity provider has no sign-out page',
      error: describeFailure(error),
    });
    return undefined;
  }
}

/** Behind a signature it is where a page of ours wanted to go. */
function askedReturn(exchange: Exchange): string | undefined {
  const asked = exchange.query.get('pomerium_redirect_uri');
  return asked !== null && /^https?:\/\//i.test(asked) && URL.canParse(asked) ? asked : undefined;
}

function configuredReturn(gate: Gate): string | undefined {
  const url = gate.options().rest['signout_redirect_url'];
  return typeof url === 'string' && URL.canParse(url) ? url : undefined;
}

function page(...content: Parameters<typeof renderPage>): Reply {
  return { status: 200, headers: [['Content-Type', 'text/html; charset=utf-8']], body: renderPage(...content) };
}

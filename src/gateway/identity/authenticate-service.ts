import type { Exchange, Reply } from '../exchange.ts';
import { errorReply } from '../replies.ts';
import { interceptedRedirect, redirect } from './answers.ts';
import { readCookie, setCookie } from './cookies.ts';
import type { Gate } from './gate.ts';
import { providerCallback } from './provider-callback.ts';
import { authenticateCookie, IDP_CALLBACK, sendToProvider, signedInHandle, signIn } from './sign-in.ts';
import { hasValidSignature } from './signed-link.ts';
import { signedOut, signOut } from './sign-out.ts';
import { userPage } from './user.ts';

const METHODS = ['GET', 'HEAD', 'POST'];

/** The authenticate service's own paths: Pomerium v0.33.1 authenticate/handlers.go; undefined for all others. */
export function answerAuthenticate(gate: Gate, exchange: Exchange): Promise<Reply> | Reply | undefined {
  if (!METHODS.includes(exchange.method)) return undefined;
  switch (exchange.path) {
    case '/':
      // A route on the same host keeps its own front page.
      return exchange.route ? undefined : redirect('/.pomerium/');
    case IDP_CALLBACK:
      return providerCallback(gate, exchange);
    case '/.pomerium/sign_in':
      return signIn(gate, exchange);
    case '/.pomerium/sign_out':
      return signOut(gate, exchange);
    case '/.pomerium/signed_out':
      return signedOut();
    case '/.pomerium/':
      return ownPage(gate, exchange);
    default:
      return undefined;
  }
}

/** The user page; a signed link back to a route is kept in a cookie, so that the address shows no signature. */
function ownPage(gate: Gate, exchange: Exchange): Promise<Reply> | Reply {
  if (!signedInHandle(gate, exchange)) return sendToProvider(gate, exchange);
  const returnTo = exchange.query.get('pomerium_redirect_uri');
  if (!returnTo)
    return userPage(gate, gate.sessions.ofCookie(readCookie(exchange.headers.cookie, authenticateCookie(gate))));
  if (!hasValidSignature(gate.secret.keys().links, exchange)) return errorReply(exchange, { status: 400 });
  const options = gate.options();
  const kept = {
    name: 'pomerium_redirect_uri',
    value: encodeURIComponent(returnTo),
    expires: Date.now() + options.cookie_expire,
  };
  return interceptedRedirect(`https://${exchange.host}/.pomerium/`, [setCookie(options, kept)]);
}

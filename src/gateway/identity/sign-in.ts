import type { Exchange, Reply } from '../exchange.ts';
import { errorReply } from '../replies.ts';
import { interceptedRedirect } from './answers.ts';
import { clearCookie, readCookie, setCookie } from './cookies.ts';
import type { Gate } from './gate.ts';
import { absoluteUrl, authenticateOrigin } from './hosts.ts';
import { createCodeVerifier, describeFailure } from './oidc.ts';
import { seal } from './seal.ts';
import { type SessionHandle, signHandle } from './session-handle.ts';
import { createCsrfCookie, createState, openCsrfCookie, pkceCookieName, sealVerifier } from './sign-in-state.ts';
import { hasValidSignature, signLink, traceParent } from './signed-link.ts';

/** Milliseconds. */
const CSRF_LIFE = 43_200_000;
const PKCE_LIFE = 300_000;

/** The path at the authenticate service to which every identity provider sends people back. */
export const IDP_CALLBACK = '/oauth2/callback';

/** The handle of the person at the authenticate service, if the session lives and was made with the provider in force. */
export function signedInHandle(gate: Gate, exchange: Exchange): SessionHandle | undefined {
  const cookie = readCookie(exchange.headers.cookie, authenticateCookie(gate));
  const handle = gate.sessions.handleOf(cookie);
  const wanted = exchange.query.get('pomerium_idp_id') || gate.providers.id();
  return handle && handle.idpId === wanted && gate.sessions.ofCookie(cookie) ? handle : undefined;
}

export function authenticateCookie(gate: Gate): string {
  return `${gate.options().cookie_name}_authenticate`;
}

/**
 * /.pomerium/sign_in at the authenticate service: with a session it hands the browser to the route's callback, without one
 * it sends it to the identity provider first (the link is checked when the browser returns). Pomerium v0.33.1
 * authenticate/handlers.go, internal/authenticateflow/stateful.go.
 */
export function signIn(gate: Gate, exchange: Exchange): Promise<Reply> | Reply {
  const handle = signedInHandle(gate, exchange);
  return handle ? handToRoute(gate, exchange, handle) : sendToProvider(gate, exchange);
}

function handToRoute(gate: Gate, exchange: Exchange, handle: SessionHandle): Reply {
  const keys = gate.secret.keys();
  const target = exchange.query.get('pomerium_redirect_uri') ?? '';
  const callback = exchange.query.get('pomerium_callback_uri');
  if (!hasValidSignature(keys.links, exchange) || !URL.canParse(target) || (callback && !URL.canParse(callback))) {
    return errorReply(exchange, { status: 400 });
  }
  const { host } = new URL(target);
  const jws = signHandle(keys.cookies, handle, exchange.host, [exchange.host, host]);
  const link = signLink(keys.links, callback || `https://${host}/.pomerium/callback/`, [
    ['pomerium_additional_hosts', exchange.query.get('pomerium_additional_hosts') ?? ''],
    ['pomerium_redirect_uri', target],
    ['pomerium_session_encrypted', seal(keys.signIn, Buffer.from(jws), 'callback').toString('base64url')],
    traceParent(),
  ]);
  return interceptedRedirect(link, [sessionCookie(gate, authenticateCookie(gate), handle, [exchange.host])]);
}

/** A Set-Cookie for a session; it lives as long as a session that begins now. */
export function sessionCookie(gate: Gate, name: string, handle: SessionHandle, audience: readonly string[]): string {
  const options = gate.options();
  const value = signHandle(gate.secret.keys().cookies, handle, new URL(authenticateOrigin(options)).host, audience);
  return setCookie(options, { name, value, expires: Date.now() + options.cookie_expire });
}

/** Begins a sign-in at the identity provider that returns to the request's own URL. */
export async function sendToProvider(gate: Gate, exchange: Exchange): Promise<Reply> {
  // A redirect would only fail there on cross-origin rules.
  if (String(exchange.headers['x-requested-with'] ?? '').toLowerCase() === 'xmlhttprequest') {
    return errorReply(exchange, { status: 401 });
  }
  const options = gate.options();
  const { signIn: key } = gate.secret.keys();
  const csrfName = `${options.cookie_name}_csrf`;
  const known = openCsrfCookie(key, readCookie(exchange.headers.cookie, csrfName));
  const fresh = known ? undefined : createCsrfCookie(key);
  const state = createState(key, known ?? fresh?.token ?? Buffer.alloc(0), absoluteUrl(exchange));
  const verifier = createCodeVerifier();
  try {
    const url = await gate.providers.current().oidc.authorizationUrl(callbackUrl(gate), state, verifier);
    const now = Date.now();
    const csrf = fresh && { name: csrfName, value: fresh.value, expires: now + CSRF_LIFE, maxAge: CSRF_LIFE / 1_000 };
    return interceptedRedirect(url, [
      clearCookie(options, authenticateCookie(gate)),
      ...(csrf ? [setCookie(options, csrf)] : []),
      setCookie(options, {
        name: pkceCookieName(options.cookie_name, state),
        value: sealVerifier(key, verifier, state),
        path: IDP_CALLBACK,
        expires: now + PKCE_LIFE,
        maxAge: PKCE_LIFE / 1_000,
      }),
    ]);
  } catch (error) {
    gate.log({
      level: 'error',
      message: 'authenticate: failed to sign in, the identity provider cannot be used',
      error: describeFailure(error),
      'request-id': exchange.requestId,
    });
    return errorReply(exchange, { status: 500 });
  }
}

/** The redirect URI that the identity provider has to know. */
export function callbackUrl(gate: Gate): string {
  return `${authenticateOrigin(gate.options())}${IDP_CALLBACK}`;
}

import type { Exchange, Reply } from '../exchange.ts';
import { errorReply } from '../replies.ts';
import { interceptedRedirect } from './answers.ts';
import { clearCookie, readCookie } from './cookies.ts';
import type { Gate } from './gate.ts';
import { describeFailure } from './oidc.ts';
import { authenticateCookie, callbackUrl, IDP_CALLBACK, sessionCookie } from './sign-in.ts';
import { openCsrfCookie, openState, openVerifier, pkceCookieName } from './sign-in-state.ts';

/** Bytes of a posted callback (`response_mode=form_post`). */
const MAX_FORM = 65_536;

/** /oauth2/callback at the authenticate service: Pomerium v0.33.1 authenticate/handlers.go getOAuthCallback, in its order. */
export async function providerCallback(gate: Gate, exchange: Exchange): Promise<Reply> {
  const parameters = await readParameters(exchange);
  const options = gate.options();
  const { signIn: key } = gate.secret.keys();
  const refuse = (status: number, reason: string, description = ''): Reply => {
    gate.log({ level: 'warn', message: 'authenticate: sign-in failed', reason, 'request-id': exchange.requestId });
    return errorReply(exchange, { status, description });
  };
  const state = parameters.get('state') ?? '';
  const csrfToken = openCsrfCookie(key, readCookie(exchange.headers.cookie, `${options.cookie_name}_csrf`));
  const verdict = openState(key, csrfToken, state);
  if (verdict.kind === 'invalid') return refuse(400, verdict.reason);
  const failure = parameters.get('error');
  if (failure) return refuse(statusOfError(failure), `identity provider: ${failure}`);
  if (!parameters.get('code')) return refuse(400, 'the identity provider returned no code');
  if (verdict.kind === 'expired') return refuse(400, 'the sign-in took too long', expiredText(verdict.returnTo));
  const pkceCookie = pkceCookieName(options.cookie_name, state);
  const verifier = openVerifier(key, readCookie(exchange.headers.cookie, pkceCookie), state);
  if (verifier === undefined) return refuse(400, 'the cookie with the code verifier is gone');
  try {
    const provider = gate.providers.current();
    const session = provider.createSession(await provider.oidc.exchange(parameters, callbackUrl(gate), verifier));
    await gate.store.sweep();
    await gate.sessions.add(session);
    const who = { 'user-id': session.userId, email: session.email, 'session-id': session.id };
    gate.log({ level: 'info', message: 'authenticate: signed in', ...who, 'request-id': exchange.requestId });
    return interceptedRedirect(verdict.returnTo, [
      clearCookie(options, pkceCookie, IDP_CALLBACK),
      sessionCookie(gate, authenticateCookie(gate), session, [exchange.host]),
    ]);
  } catch (error) {
    return refuse(500, `error redeeming authenticate code: ${describeFailure(error)}`);
  }
}

async function readParameters(exchange: Exchange): Promise<URLSearchParams> {
  if (exchange.method !== 'POST') return exchange.query;
  const form = new URLSearchParams((await exchange.body(MAX_FORM)).toString('utf8'));
  for (const [name, value] of exchange.query) if (!form.has(name)) form.append(name, value);
  return form;
}

function statusOfError(code: string): number {
  return code === 'access_denied' || code === 'unauthorized_client' ? 401 : 400;
}

function expiredText(returnTo: string): string {
  return `
The request expired. This may be because a login attempt took too long, or because the server's clock is out of sync.

Try again by following this link: [${returnTo}](${returnTo}).

Or contact your administrator.
`;
}

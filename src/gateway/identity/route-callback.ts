import type { Exchange, Reply } from '../exchange.ts';
import { errorReply } from '../replies.ts';
import { interceptedRedirect } from './answers.ts';
import type { Gate } from './gate.ts';
import { unseal } from './seal.ts';
import { openHandle } from './session-handle.ts';
import { sessionCookie } from './sign-in.ts';
import { hasValidSignature } from './signed-link.ts';

/** /.pomerium/callback/ at a route's host: takes over the session from the authenticate service into a cookie of its own. */
export function routeCallback(gate: Gate, exchange: Exchange): Reply {
  const keys = gate.secret.keys();
  const target = exchange.query.get('pomerium_redirect_uri') ?? '';
  const sealed = Buffer.from(exchange.query.get('pomerium_session_encrypted') ?? '', 'base64url');
  const jws = hasValidSignature(keys.links, exchange) ? unseal(keys.signIn, sealed, 'callback') : undefined;
  const handle = jws && openHandle(keys.cookies, jws.toString('latin1'));
  if (!handle || !URL.canParse(target)) return errorReply(exchange, { status: 400 });
  return interceptedRedirect(target, [sessionCookie(gate, gate.options().cookie_name, handle, [exchange.host])]);
}

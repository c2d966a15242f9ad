import type { Session } from '../pomerium/model.ts';
import type { Inbound } from './inbound.ts';
import type { Gateway } from './state.ts';

const BEARER = /^bearer +(\S+)$/i;

/** Who a request comes from. `tokens`: an External Token counts here; it goes before the cookie, as in authorize/grpc.go. */
export function sessionFor(gateway: Gateway, inbound: Inbound, tokens: boolean): Session | undefined {
  if (tokens && inbound.authorization !== undefined && !gateway.faults.expiredToken) {
    const token = BEARER.exec(inbound.authorization)?.[1];
    const session = token === undefined ? undefined : gateway.identity.sessionOfToken(token, inbound.host);
    if (session) return session;
  }
  return inbound.cookie === undefined ? undefined : gateway.identity.sessionOfCookies(inbound.cookie, inbound.host);
}

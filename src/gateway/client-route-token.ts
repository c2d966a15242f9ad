import type { Passage } from './passage.ts';

/**
 * `Bearer` with an External Token of the signed-in user, for the application behind a client route; undefined: nobody is signed in, and
 * what the client sent goes on. Each request has a token of its own, good for five minutes from then: Pomerium v0.33.1
 * authorize/evaluator/headers_evaluator_evaluation.go, fillMCPHeaders. Sealing it takes an HMAC and a cipher, which other routes do not pay for.
 */
export function clientRouteAuthorization({
  gateway,
  session,
}: Pick<Passage, 'gateway' | 'session'>): string | undefined {
  return session && `Bearer ${gateway.identity.clientRouteToken(session)}`;
}

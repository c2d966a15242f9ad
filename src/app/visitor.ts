import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createAssertionVerifier } from '../assertion/index.ts';
import type { Fetch } from '../net/fetch.ts';

/** Who asks, as the gateway's signed assertion says. */
export interface Visitor {
  name: string;
  email: string;
  groups: readonly string[];
  /** One for each session at the gateway; what is kept for a visitor is kept under it. */
  key: string;
  /** The External Token of this request; valid for five minutes, so it is read from each request anew. */
  token: string;
}

export type Identified = Visitor | { refused: string };

export type Identify = (request: IncomingMessage) => Promise<Identified>;

/** Believes the assertions of one route alone: the application's own. No other header says who somebody is. */
export function createIdentify(url: URL, fetch: Fetch): Identify {
  const verifier = createAssertionVerifier({ issuers: [url.host], fetch });
  return async ({ headers }) => {
    const assertion = headers['x-pomerium-jwt-assertion'];
    const verdict = await verifier.verify(typeof assertion === 'string' ? assertion : undefined);
    if ('refused' in verdict) return verdict;
    const { sub, sid, name, email, groups } = verdict.claims;
    if (typeof sub !== 'string' || sub === '') return { refused: 'the assertion names nobody: it has no `sub`' };
    const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) {
      return { refused: 'the request has no External Token; the route has to be a client route (mcp: {client: {}})' };
    }
    return {
      name: textOr(name, textOr(email, sub)),
      email: textOr(email, ''),
      groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
      key: createHash('sha256')
        .update(JSON.stringify([sub, sid ?? '']))
        .digest('base64url'),
      token,
    };
  };
}

function textOr(value: unknown, other: string): string {
  return typeof value === 'string' && value !== '' ? value : other;
}

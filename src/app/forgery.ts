import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Visitor } from './visitor.ts';

/** Protection against forged requests: what only a page of ours, shown to the same visitor, can know. */
export interface ForgeryGuard {
  tokenFor(visitor: Visitor): string;
  /** Why a POST is refused; undefined when it may pass. */
  refusal(visitor: Visitor, origin: string | undefined, token: string | undefined): string | undefined;
}

/** `origin` is the application's own. The hosts of MCP servers are of the same site, so cookies alone hold none of them off. */
export function createForgeryGuard(origin: string): ForgeryGuard {
  const key = randomBytes(32);
  const tokenFor = ({ key: visitor }: Visitor): string => createHmac('sha256', key).update(visitor).digest('base64url');
  return {
    tokenFor,
    refusal(visitor, from, token) {
      if (from !== undefined && from !== origin) return 'it was sent from a page of somebody else';
      const [wanted, given] = [Buffer.from(tokenFor(visitor)), Buffer.from(token ?? '')];
      if (wanted.length === given.length && timingSafeEqual(wanted, given)) return undefined;
      return 'the page it was sent from is too old: the application or your session has started anew since';
    },
  };
}

import type { Fetch } from '../net/fetch.ts';
import type { Log } from '../net/log.ts';
import type { Chats } from './chat/chats.ts';
import type { ForgeryGuard } from './forgery.ts';
import type { GatewayClient } from './gateway.ts';
import type { Links } from './pages/home.ts';
import { connectLink } from './connect.ts';
import type { Visitor } from './visitor.ts';

/** What every page of the application works with. */
export interface Site {
  /** Its own address at the gateway. */
  url: URL;
  gateway: GatewayClient;
  /** For the gateway and the servers behind it. */
  fetch: Fetch;
  forgery: ForgeryGuard;
  chats: Chats;
  log: Log;
}

/** One request of somebody who is known. */
export interface Visit {
  site: Site;
  visitor: Visitor;
  query: URLSearchParams;
  /** Aborted when the browser goes away. */
  signal: AbortSignal;
}

export function linksFor({ site, visitor }: Visit): Links {
  return { forgery: site.forgery.tokenFor(visitor), connect: (server) => connectLink(site.url, server) };
}

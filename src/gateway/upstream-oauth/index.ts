import type { CompiledRoute } from '../../pomerium/index.ts';
import type { Session } from '../../pomerium/model.ts';
import type { Exchange } from '../exchange.ts';
import type { Awaitable } from '../identity/state-store.ts';

/** What becomes of the wish to be connected to an upstream. */
export type ConnectOutcome =
  /** A token is there, or the route has no upstream. */
  | { kind: 'connected' }
  /** The user has to consent at the upstream's authorization server, under `url`. */
  | { kind: 'redirect'; url: string }
  /** No authorization server can be found or used; the log says why. */
  | { kind: 'failed' };

/** An upstream's answer that may ask for a token, or for another one. */
export interface UpstreamRefusal {
  session: Session;
  route: CompiledRoute;
  /** The Host header of the request, with its port. */
  host: string;
  /** Normalised path of the request, without the query. */
  path: string;
  rawQuery: string;
  requestId: string;
  status: number;
  wwwAuthenticate: string | undefined;
}

/** What the client is told in place of such an answer. */
export type RefusalOutcome =
  /** 401: the client is to authorize again; the value of WWW-Authenticate. */
  | { kind: 'challenge'; wwwAuthenticate: string }
  /** 502: how to get a token cannot be found out. */
  | { kind: 'unavailable' };

/** The gateway as an OAuth client of the services behind its routes: Pomerium v0.33.1 internal/mcp/upstream_*.go. */
export interface UpstreamOauth {
  /** Whether a token of the user is stored for the route, be it expired. */
  connected(userId: string, route: CompiledRoute): Awaitable<boolean>;
  /**
   * Brings the user to the upstream's authorization server, unless that is not necessary; `returnTo` is where the browser goes
   * afterwards. Rejects where Pomerium answers `500 internal server error`: the store or the authorization server is away.
   */
  connect(exchange: Exchange, session: Session, route: CompiledRoute, returnTo: string): Promise<ConnectOutcome>;
  /** Forgets the user's tokens for the routes, and authorizations under way. */
  disconnect(userId: string, routes: readonly CompiledRoute[]): Awaitable<void>;
  /**
   * The value of `Authorization` towards the upstream; undefined: none. At once, and without an allocation where no token is stored;
   * a promise when the token has to be renewed first. It rejects when that fails for now.
   */
  authorization(session: Session, route: CompiledRoute): string | undefined | Promise<string | undefined>;
  /** Looks into a refusal by the upstream; undefined: it goes on to the client as it is. */
  refused(refusal: UpstreamRefusal): Promise<RefusalOutcome> | undefined;
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Log } from '../net/log.ts';
import type { Resolve } from '../net/resolve.ts';
import type { CompiledRoute, RouteTable } from '../pomerium/index.ts';
import type { Options, Session } from '../pomerium/model.ts';
import type { Behaviour } from '../pomerium/versions.ts';
import type { UpstreamOauth } from './upstream-oauth/index.ts';

/** One request that the gateway answers itself (nothing of it streams to an upstream). */
export interface Exchange {
  /** UUID; the same as in the `x-request-id` response header. */
  requestId: string;
  /** Upper case. */
  method: string;
  /** The Host header (or :authority) as sent, with its port. */
  host: string;
  /** Normalised path, without the query. */
  path: string;
  query: URLSearchParams;
  /** Without the question mark; empty when there is none. */
  rawQuery: string;
  headers: IncomingHttpHeaders;
  remoteAddress: string;
  /** The first `limit` bytes of the body; the rest is dropped. */
  body(limit: number): Promise<Buffer>;
  /** The route that the host and path match, if any. */
  route?: CompiledRoute;
}

/** Header names in the spelling that goes on the wire; repeated names are repeated entries. */
export type HeaderList = [name: string, value: string][];

export interface Reply {
  status: number;
  headers: HeaderList;
  body: string | Buffer;
}

/** The half of the gateway that knows who somebody is: sign-in, OAuth endpoints, tokens, sessions. */
export interface Identity {
  /** Opens an External Token. Synchronous and in memory: it stands on the hot path. `host`: of the request, for tokens that are bound to one. */
  sessionOfToken(token: string, host?: string): Session | undefined;
  /** The session behind the `_pomerium` cookie of a Cookie header. */
  sessionOfCookies(cookieHeader: string | undefined, host: string): Session | undefined;
  /** The signed sign-in URL to which a browser without session is sent; Pomerium v0.33.1 internal/urlutil. */
  signInUrl(exchange: Exchange): string;
  /** A signed link to the authenticate service's user page, shown on error pages as debugUrl. */
  debugUrl(exchange: Exchange): string;
  /** A new External Token of the session, for the application behind a client route. */
  clientRouteToken(session: Session): string;
  /**
   * Serves /.pomerium/mcp/{register,authorize,token}, /.pomerium/callback/, /.pomerium/sign_out, /.pomerium/sign_in and, on the
   * authenticate host, /oauth2/callback and /.pomerium/*. `session` is who the request comes from, if anybody.
   */
  handle(exchange: Exchange, session: Session | undefined): Promise<Reply> | Reply | undefined;
  /** Tokens for the services behind the routes. */
  readonly upstream: UpstreamOauth;
  stats(): IdentityStats;
  /** Resolves when the first attempt to reach the store has ended. */
  settled?: Promise<void>;
  /** Why the store can neither be read nor written now; undefined: all is well. */
  storeFailure?(): string | undefined;
  close(): Promise<void>;
}

export interface IdentityStats {
  sessions: number;
  /** One entry per session; `expiresAt` in milliseconds since 1970. */
  users: { email: string; expiresAt: number }[];
}

/** What the identity half is made from: `createIdentity(o: IdentityOptions): Identity` in identity.ts. */
export interface IdentityOptions {
  /** Of the release that the gateway behaves as; the default one's when left out. */
  behaviour?: Behaviour;
  /** The configuration in force. Called for each use, since a reload replaces it. */
  options: () => Options;
  table: () => RouteTable;
  /** SQLite path or `:memory:`, in place of the store that the configuration names. */
  stateFile?: string;
  resolve: Resolve;
  /** PEM texts trusted for the identity provider and for client metadata documents. */
  ca: readonly string[];
  log: Log;
  allowPrivateMetadataHosts: boolean;
  faults: readonly string[];
  /** Holds what Pomerium lets pass. */
  strict?: boolean;
}

/*
 * Who writes which header. A handler's Reply carries what is particular to it: Content-Type, Location, Set-Cookie, Cache-Control,
 * X-Content-Type-Options, X-Pomerium-Intercepted-Response. The server adds to every Reply: Content-Length, Date, `server`, `x-request-id` and the
 * default response headers; to those of the control plane Vary and `x-envoy-upstream-service-time`; below /.pomerium (not
 * /.pomerium/callback/) and on the authenticate host also Content-Security-Policy and Referrer-Policy; below /.pomerium/mcp/ the CORS set. It
 * answers OPTIONS below /.pomerium/mcp/, refuses anonymous requests for authorize, connect and routes (302 or 401), and turns
 * `undefined` into 405 (/.pomerium/mcp) or 404. Error pages of the control plane: errorReply() in replies.ts.
 */

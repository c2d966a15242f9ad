import type { IncomingHttpHeaders } from 'node:http';
import type { CompiledRoute } from '../pomerium/index.ts';
import type { Session } from '../pomerium/model.ts';

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

/** Answers a request. Undefined: this handler does not serve the path. */
export type Handler = (exchange: Exchange) => Promise<Reply> | Reply | undefined;

/** The half of the gateway that knows who somebody is: sign-in, OAuth endpoints, tokens, sessions. */
export interface Identity {
  /** Opens an External Token. Synchronous and in memory: it stands on the hot path. */
  sessionOfToken(token: string): Session | undefined;
  /** The session behind the `_pomerium` cookie of a Cookie header. */
  sessionOfCookies(cookieHeader: string | undefined, host: string): Session | undefined;
  /** The signed sign-in URL to which a browser without session is sent; Pomerium v0.33.1 internal/urlutil. */
  signInUrl(exchange: Exchange): string;
  /** A signed link to the authenticate service's user page, shown on error pages as debugUrl. */
  debugUrl(exchange: Exchange): string;
  /**
   * Serves /.pomerium/mcp/{register,authorize,token}, /.pomerium/callback/, /.pomerium/sign_out, /.pomerium/sign_in and, on the
   * authenticate host, /oauth2/callback and /.pomerium/*. `session` is who the request comes from, if anybody.
   */
  handle(exchange: Exchange, session: Session | undefined): Promise<Reply> | Reply | undefined;
  close(): Promise<void>;
}

import type { IncomingMessage, ServerResponse } from 'node:http';

/*
 * The slice of oidc-provider (and of Koa below it) that this folder uses. The package carries no types of its own; these are
 * written against oidc-provider 9.13.
 */

/** A Koa context, once oidc-provider has looked at the request. */
export interface OidcContext {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  path: string;
  /** Without the question mark; assigning it changes what oidc-provider reads. */
  querystring: string;
  status: number;
  type: string;
  body: unknown;
  state: Record<string, unknown>;
  cookies: { set(name: string, value: string | null, options?: Record<string, unknown>): void };
  get(header: string): string;
  set(header: string, value: string): void;
  redirect(url: string): void;
  oidc: OidcState;
}

export interface OidcState {
  provider: Provider;
  params?: Record<string, string | undefined>;
  prompts: ReadonlySet<string>;
  session?: Session;
  result?: InteractionResult;
  account?: Account;
  client?: { clientId: string };
  entities: { IdTokenHint?: { payload: { sub?: string } } };
}

export interface Account {
  accountId: string;
  claims(): Record<string, unknown>;
}

export interface Session {
  /** Its identifier: the value of the session cookie. */
  jti: string;
  accountId?: string;
  destroyed?: boolean;
  state?: { secret: string };
  /** Keeps it for so many seconds. */
  save(ttl: number): Promise<unknown>;
  destroy(): Promise<void>;
}

export interface InteractionResult {
  login?: { accountId: string };
  consent?: Record<string, never>;
  select_account?: Record<string, never>;
  error?: string;
  error_description?: string;
}

/** An authorization request that waits for the user. */
export interface Interaction {
  uid: string;
  params: Record<string, string | undefined>;
  session?: unknown;
  /** Saves it without a change to its lifetime. */
  persist(): Promise<unknown>;
}

interface Grant {
  addOIDCScope(scope: string): void;
  save(): Promise<string>;
}

/** Stores one kind of record; the methods oidc-provider calls. */
export interface Adapter {
  upsert(id: string, payload: Payload, expiresIn?: number): Promise<void>;
  find(id: string): Promise<Payload | undefined>;
  findByUid(uid: string): Promise<Payload | undefined>;
  findByUserCode(userCode: string): Promise<Payload | undefined>;
  consume(id: string): Promise<void>;
  destroy(id: string): Promise<void>;
  revokeByGrantId(grantId: string): Promise<void>;
}

export interface Payload {
  grantId?: string;
  uid?: string;
  /** Seconds since 1970. */
  consumed?: number;
  [member: string]: unknown;
}

export interface OidcError extends Error {
  error?: string;
  error_description?: string;
  error_detail?: string;
  statusCode?: number;
}

type Middleware = (ctx: OidcContext, next: () => Promise<void>) => Promise<void>;

export interface Provider {
  /** Koa: believe X-Forwarded-*. */
  proxy: boolean;
  use(middleware: Middleware): void;
  on(event: string, listener: (...args: never[]) => void): void;
  emit(event: string, ctx: OidcContext): void;
  callback(): (request: IncomingMessage, response: ServerResponse) => void;
  cookieName(type: 'session'): string;
  /** Throws SessionNotFound when the request carries no cookie of a waiting interaction. */
  interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>;
  /** Stores what came of the interaction; answers the URL at which the authorization request goes on. */
  interactionResult(
    request: IncomingMessage,
    response: ServerResponse,
    result: InteractionResult,
    options: { mergeWithLastSubmission: boolean },
  ): Promise<string>;
  Session: { new (fields: { accountId: string; loginTs: number }): Session; get(ctx: OidcContext): Promise<Session> };
  Grant: new (fields: { accountId: string; clientId: string }) => Grant;
  AccessToken: object;
  AuthorizationCode: object;
  IdToken: object;
  Interaction: object;
  RefreshToken: object;
  Client: { prototype: { postLogoutRedirectUriAllowed(uri: string): boolean } };
}

/** What has to be settled before an authorization request is answered. */
export interface Prompt {
  checks: { add(check: unknown): void; remove(reason: string): void };
}

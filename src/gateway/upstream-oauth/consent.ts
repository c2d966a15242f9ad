import type { Log } from '../../net/log.ts';
import type { RouteTable } from '../../pomerium/index.ts';
import type { Session } from '../../pomerium/model.ts';
import type { Exchange, Reply } from '../exchange.ts';
import { redirect } from '../identity/answers.ts';
import type { CodeRequest } from '../identity/code-grant.ts';
import { textReply } from '../replies.ts';
import { authorizationUrl } from './authorization-url.ts';
import type { UpstreamHttp } from './http.ts';
import type { ConnectOutcome } from './index.ts';
import { createPending, type PendingUpstream, type PendingUpstreams, type Resume } from './pending.ts';
import type { UpstreamRegistrations } from './registration.ts';
import { serviceOf, withoutPort, type UpstreamService } from './service.ts';
import { DiscoveryFailed, setUp, type Setup } from './setup.ts';
import type { TokenIndex } from './token-index.ts';
import type { UpstreamTokens } from './tokens.ts';

export interface ConsentOptions {
  table: () => RouteTable;
  http: UpstreamHttp;
  index: TokenIndex;
  tokens: UpstreamTokens;
  pending: PendingUpstreams;
  registrations: UpstreamRegistrations;
  log: Log;
}

/** Brings users to the authorization servers of upstreams: Pomerium v0.33.1 internal/mcp/handler_connect.go, handler_authorization.go. */
export class UpstreamConsent {
  readonly #o: ConsentOptions;

  constructor(o: ConsentOptions) {
    this.#o = o;
  }

  /**
   * The upstream's part of an MCP client's authorization: a redirect to its authorization server, or the answer to a failure. Undefined: a
   * token is there, or none can be had, and the client gets its code.
   */
  async authorizeFirst(exchange: Exchange, session: Session, request: CodeRequest): Promise<Reply | undefined> {
    try {
      const url = await this.#consentUrl(exchange, session, { kind: 'code', request });
      return url === undefined ? undefined : redirect(url);
    } catch (error) {
      if (error instanceof DiscoveryFailed) {
        this.#tell('warn', 'mcp/authorize: discovery failed, proceeding without upstream OAuth', exchange, error);
        return undefined;
      }
      this.#tell('error', 'mcp/authorize: failed to resolve auth', exchange, error);
      return textReply(500, 'internal error');
    }
  }

  /** Rejects when the store, a token endpoint or a registration endpoint fails. */
  async connect(exchange: Exchange, session: Session, returnTo: string): Promise<ConnectOutcome> {
    try {
      const url = await this.#consentUrl(exchange, session, { kind: 'return', url: returnTo });
      return url === undefined ? { kind: 'connected' } : { kind: 'redirect', url };
    } catch (error) {
      this.#tell('warn', 'mcp/connect: failed to resolve auth', exchange, error);
      if (error instanceof DiscoveryFailed) return { kind: 'failed' };
      throw error;
    }
  }

  /** Undefined: a token is there, or the host has no upstream. Throws DiscoveryFailed. */
  async #consentUrl(exchange: Exchange, session: Session, resume: Resume): Promise<string | undefined> {
    const service = serviceOf(this.#o.table(), exchange.host);
    if (!service || service.upstreamUrl === '') return undefined;
    if (await this.#hasUsableToken(service, session.userId)) return undefined;
    const pending =
      (await this.#underWay(exchange, session, resume)) ?? (await this.#begin(exchange, session, service, resume));
    const extra = service.server.upstream_oauth2?.authorization_url_params ?? {};
    return authorizationUrl(pending, extra, this.#o.log);
  }

  async #hasUsableToken({ route, server, upstreamUrl }: UpstreamService, userId: string): Promise<boolean> {
    const entry = this.#o.index.get(route.id, upstreamUrl, userId);
    return (
      entry !== undefined && (await this.#o.tokens.usable(entry, server.upstream_oauth2?.client_secret)) !== undefined
    );
  }

  /** One that a refusal by the upstream, or an earlier attempt, has begun goes on, with the new end. */
  async #underWay(exchange: Exchange, { userId }: Session, resume: Resume): Promise<PendingUpstream | undefined> {
    const pending = await this.#o.pending.find(userId, withoutPort(exchange.host));
    if (!pending || pending.expiresAt <= Date.now()) return undefined;
    if (pending.clientId === '') {
      const why =
        'the refusal that began it did not register a client; Pomerium v0.33.1 sends the user there all the same';
      this.#tell('warn', 'mcp/auto-discovery: the pending authorization has no client_id', exchange, why);
    }
    const resumed = { ...pending, resume };
    await this.#o.pending.put(resumed);
    return resumed;
  }

  async #begin(
    exchange: Exchange,
    { userId }: Session,
    service: UpstreamService,
    resume: Resume,
  ): Promise<PendingUpstream> {
    const { host } = exchange;
    const { upstreamUrl } = service;
    const found = await setUp(this.#o.http, service, { url: upstreamUrl, host });
    const setup = await this.#o.registrations.complete(found, host);
    const own = { userId, routeId: service.route.id, upstreamUrl, downstreamHost: host, originalUrl: upstreamUrl };
    const pending = createPending({ ...own, ...fieldsOf(setup), resume });
    await this.#o.pending.put(pending);
    return pending;
  }

  #tell(level: 'warn' | 'error', message: string, { host, requestId }: Exchange, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#o.log({ level, message, host, error: reason, 'request-id': requestId });
  }
}

/** What of a setup has to be known again at the callback. */
export function fieldsOf({ discovered, clientId, clientSecret, redirectUri, scopes }: Setup) {
  const { authorizationEndpoint, tokenEndpoint, issuer, issuerInResponse, resource } = discovered;
  return {
    scopes,
    authorizationEndpoint,
    tokenEndpoint,
    issuer,
    issuerInResponse,
    redirectUri,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    resource,
  };
}

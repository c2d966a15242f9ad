import type { Exchange, Identity, Reply } from '../../../../src/gateway/exchange.ts';
import type { CompiledRoute } from '../../../../src/pomerium/index.ts';
import type { Session } from '../../../../src/pomerium/model.ts';
import type { ConnectOutcome, UpstreamOauth } from '../../../../src/gateway/upstream-oauth/index.ts';

/** An identity half that keeps everything in memory: tokens and cookies are whatever the test says they are. */
export class MemoryIdentity implements Identity {
  readonly upstream = new MemoryUpstream();
  readonly tokens = new Map<string, Session>();
  readonly cookies = new Map<string, Session>();
  /** What it is asked to serve beyond sessions. */
  handler: (exchange: Exchange, session: Session | undefined) => Reply | Promise<Reply> | undefined = () => undefined;

  sessionOfToken(token: string): Session | undefined {
    return this.tokens.get(token);
  }

  sessionOfCookies(cookieHeader: string | undefined): Session | undefined {
    const value = /(?:^|;\s*)_pomerium=([^;]*)/.exec(cookieHeader ?? '')?.[1];
    return value === undefined ? undefined : this.cookies.get(value);
  }

  clientRouteToken(session: Session): string {
    return `token-of-${session.userId}`;
  }

  signInUrl(exchange: Exchange): string {
    return `https://auth.corp.test:18443/.pomerium/sign_in?pomerium_redirect_uri=${encodeURIComponent(urlOf(exchange))}`;
  }

  debugUrl(exchange: Exchange): string {
    return `https://auth.corp.test:18443/.pomerium/?pomerium_redirect_uri=${encodeURIComponent(urlOf(exchange))}`;
  }

  handle(exchange: Exchange, session: Session | undefined): Reply | Promise<Reply> | undefined {
    return this.handler(exchange, session);
  }

  stats() {
    const sessions = [...this.tokens.values()];
    return { sessions: sessions.length, users: sessions.map(({ email, expiresAt }) => ({ email, expiresAt })) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Upstream tokens by user and route; what `connect` and a refusal lead to is for the test to say. */
export class MemoryUpstream implements UpstreamOauth {
  /** Access tokens under `user route-id`. */
  readonly tokens = new Map<string, string>();
  /** Where to `connect` was asked to return to. */
  readonly returns: string[] = [];
  outcome: ConnectOutcome = { kind: 'failed' };

  connected(userId: string, { id }: CompiledRoute): boolean {
    return this.tokens.has(`${userId} ${id}`);
  }

  connect(_: Exchange, { userId }: Session, route: CompiledRoute, returnTo: string): Promise<ConnectOutcome> {
    this.returns.push(returnTo);
    return Promise.resolve(this.connected(userId, route) ? { kind: 'connected' } : this.outcome);
  }

  disconnect(userId: string, routes: readonly CompiledRoute[]): void {
    for (const { id } of routes) this.tokens.delete(`${userId} ${id}`);
  }

  authorization({ userId }: Session, { id }: CompiledRoute): string | undefined {
    const token = this.tokens.get(`${userId} ${id}`);
    return token && `Bearer ${token}`;
  }

  refused(): undefined {
    return undefined;
  }
}

function urlOf(exchange: Exchange): string {
  return `https://${exchange.host}${exchange.path}`;
}

export const ALICE: Session = {
  id: '7c2dbd2c-9a3c-4f8e-8f4b-6f6b4a0f2f11',
  userId: 'alice',
  email: 'alice@company.com',
  name: 'Alice TestUser',
  claims: { sub: 'alice', email: 'alice@company.com', name: 'Alice TestUser', groups: ['admins', 'engineering'] },
  issuedAt: Date.now(),
  expiresAt: Date.now() + 3_600_000,
};

export const BOB: Session = {
  ...ALICE,
  id: 'a9a8d0c1-2f58-4f60-9a37-0d52b1d3e0aa',
  userId: 'bob',
  email: 'bob@example.com',
  name: 'Bob TestUser',
  claims: { sub: 'bob', email: 'bob@example.com', name: 'Bob TestUser', groups: [] },
};

import type { IncomingMessage } from 'node:http';
import { CliError } from '../errors.ts';
import type { Log } from '../net/log.ts';
import type { IdpClient } from './site.ts';
import { assertUsers, type DevUsers } from './users.ts';

export type { IdpClient } from './site.ts';
export type { DevUsers } from './users.ts';
export { idpOptionsFromEnv } from './from-env.ts';

export interface IdpOptions {
  /** Its own origin as browsers and the gateway write it: `http://idp.localhost:9080`, no path. */
  issuer: string;
  /** Port 0 takes a free one. */
  listen: { host: string; port: number };
  /** SQLite file for keys, sessions, grants and tokens; `:memory:` forgets them. */
  stateFile: string;
  users: DevUsers;
  client: IdpClient;
  log: Log;
  /**
   * A new refresh token with each refresh; the old one, used again, ends the sign-in it came from. True when left out. False suits
   * several MCP clients behind one sign-in at Pomerium v0.33.1, which keeps a copy of the token for each (pomerium/pomerium#6530).
   */
  rotateRefreshTokens?: boolean;
}

export interface Idp {
  address: { host: string; port: number };
  /** Takes effect at once, for sign-ins that are under way too. A user that is gone gets no more tokens. */
  setUsers(users: DevUsers, redirectUris: string[]): void;
  close(): Promise<void>;
}

/**
 * Starts the development identity provider: an OpenID Connect provider that signs anybody in as any of its users.
 * Throws CliError for a busy port, an issuer with a path, a state file that cannot be used, and claims that users may not bring.
 */
export async function startIdp(options: IdpOptions): Promise<Idp> {
  const { issuer, log, stateFile } = options;
  assertIssuer(issuer);
  assertUsers(options.users);
  // oidc-provider takes longer to load than everything else here to start.
  const [{ createProvider }, { openState }, { addressOf, listen, stop }] = await Promise.all([
    import('./provider.ts'),
    import('./state.ts'),
    import('./server.ts'),
  ]);
  const state = openState(stateFile);
  const build = (users: DevUsers, client: IdpClient): ReturnType<ReturnType<typeof createProvider>['callback']> =>
    createProvider({
      issuer,
      users,
      client,
      state,
      log,
      rotateRefreshTokens: options.rotateRefreshTokens ?? true,
    }).callback();
  try {
    let answer = build(options.users, options.client);
    const server = await listen((request, response) => {
      pretendIssuer(request, issuer);
      answer(request, response);
    }, options.listen);
    const address = addressOf(server);
    announce(log, issuer, address);
    return {
      address,
      setUsers: (users, redirectUris) => {
        assertUsers(users);
        answer = build(users, { ...options.client, redirectUris });
      },
      close: async () => {
        await stop(server);
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}

/**
 * Containers reach this server under other names, but every URL it hands out has to begin with the issuer: that is the one the
 * browser knows, and discovery must agree with it (OpenID Connect Discovery §4.3).
 */
function pretendIssuer(request: IncomingMessage, issuer: string): void {
  const { host, protocol } = new URL(issuer);
  request.headers['x-forwarded-host'] = host;
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
}

function assertIssuer(issuer: string): void {
  const url = URL.parse(issuer);
  if (url && /^https?:$/.test(url.protocol) && url.origin === issuer) return;
  throw new CliError({
    code: 'IDP_ISSUER',
    message: `\`${issuer}\` cannot be the issuer: it has to be scheme, host and port, without a path or a slash at the end`,
    fix: `write ${url && url.origin !== 'null' ? url.origin : 'http://idp.localhost:9080'}`,
  });
}

function announce(log: Log, issuer: string, { host, port }: { host: string; port: number }): void {
  const warning = 'for development only: whoever reaches it can sign in as any of its users';
  log({ level: 'warn', message: `development identity provider, ${warning}`, issuer, address: `${host}:${port}` });
}

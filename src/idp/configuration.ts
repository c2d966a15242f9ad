import type { Log } from '../net/log.ts';
import { createAdapters } from './adapter.ts';
import { scriptedUser } from './authorization.ts';
import type { Account, OidcContext } from './oidc.ts';
import { PATHS, SESSION_TTL, type IdpClient } from './site.ts';
import type { State } from './state.ts';
import { claimsByScope, claimsOf, userOf, type DevUsers } from './users.ts';

export interface ProviderOptions {
  issuer: string;
  users: DevUsers;
  client: IdpClient;
  state: State;
  log: Log;
  rotateRefreshTokens: boolean;
}

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** In seconds. */
const LIFETIMES = {
  AuthorizationCode: MINUTE,
  Interaction: 60 * MINUTE,
  Session: SESSION_TTL,
  // Longer than Pomerium's session of 14 h: as these run out, Pomerium v0.33.1 renews its session's copy of the refresh token and
  // leaves the copies in the records of MCP clients behind (pomerium/pomerium#6530).
  AccessToken: DAY,
  IdToken: DAY,
  RefreshToken: 365 * DAY,
  Grant: 365 * DAY,
};

const ROUTES = {
  authorization: PATHS.authorize,
  token: PATHS.token,
  userinfo: PATHS.userinfo,
  jwks: PATHS.jwks,
  revocation: PATHS.revoke,
  end_session: PATHS.signOut,
};

/** What stays the same in every use of oidc-provider here; `alreadyUsed` makes the error of a token that was spent twice. */
export function configurationOf(options: ProviderOptions, alreadyUsed: () => Error): Record<string, unknown> {
  const { users, client, state, issuer } = options;
  return {
    adapter: createAdapters(state, alreadyUsed),
    jwks: { keys: [state.signingKey()] },
    clients: [clientMetadata(client)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientBasedCORS: () => false,
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
    claims: claimsByScope(users),
    // Pomerium reads the ID token and userinfo; both carry everything.
    conformIdTokenClaims: false,
    findAccount: (_ctx: OidcContext, key: string): Account | undefined => {
      const user = userOf(users, key);
      return user && { accountId: key, claims: () => claimsOf(key, user) };
    },
    loadExistingGrant: grantEverything,
    // offline_access is to outlive the browser's session, and no sign-out may take other clients along.
    expiresWithSession: () => false,
    rotateRefreshToken: () => options.rotateRefreshTokens,
    issueRefreshToken: (_ctx: OidcContext, _client: unknown, source: { scopes: Set<string> }) =>
      source.scopes.has('offline_access'),
    cookies: { names: cookieNames(issuer) },
    routes: ROUTES,
    ttl: LIFETIMES,
  };
}

function clientMetadata(client: IdpClient): Record<string, unknown> {
  return {
    client_id: client.id,
    client_secret: client.secret,
    redirect_uris: client.redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
  };
}

/** One grant for each sign-in: a refresh token used twice then ends that sign-in and no other. */
async function grantEverything(ctx: OidcContext): Promise<unknown> {
  const { oidc } = ctx;
  const isSettled = oidc.result?.login !== undefined || scriptedUser(ctx) !== undefined || oidc.prompts.has('none');
  if (!isSettled || !oidc.account || !oidc.client) return undefined;
  const grant = new oidc.provider.Grant({ accountId: oidc.account.accountId, clientId: oidc.client.clientId });
  grant.addOIDCScope(oidc.params?.['scope'] ?? '');
  await grant.save();
  return grant;
}

/** Cookies know no ports: without the port in their names, the identity providers of two projects would overwrite each other's. */
function cookieNames(issuer: string): Record<string, string> {
  const prefix = `mcpgw_idp_${new URL(issuer).port || 'default'}`;
  return { session: `${prefix}_session`, interaction: `${prefix}_sign_in`, resume: `${prefix}_resume` };
}

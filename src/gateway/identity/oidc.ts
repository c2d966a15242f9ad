import * as oauth from 'oauth4webapi';
import type { Fetch } from '../../net/fetch.ts';
import { encodeQuery } from './go-text.ts';

/** Milliseconds for one request to the identity provider, body included. */
const TIMEOUT = 15_000;

export interface OidcSettings {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  scopes: readonly string[];
  /** Added to the authorization request. */
  requestParameters: Readonly<Record<string, string>>;
}

/** What the provider gave for a user. */
export interface OidcGrant {
  /** Claims of the id_token, with those of the userinfo endpoint over them. */
  claims: Record<string, unknown>;
  idToken?: string;
  accessToken: string;
  refreshToken?: string;
}

/** An OpenID provider, discovered on first use. Whatever is wrong with an answer of its is thrown. */
export class OidcProvider {
  readonly #settings: OidcSettings;
  readonly #fetch: Fetch;
  readonly #client: oauth.Client;
  #discovered: oauth.AuthorizationServer | undefined;

  constructor(settings: OidcSettings, fetch: Fetch) {
    this.#settings = settings;
    this.#fetch = fetch;
    this.#client = { client_id: settings.clientId };
  }

  async authorizationUrl(redirectUri: string, state: string, codeVerifier: string): Promise<string> {
    const { authorization_endpoint: endpoint } = await this.#discover();
    if (endpoint === undefined) throw new Error('the provider has no authorization endpoint');
    const { clientId, scopes, requestParameters } = this.#settings;
    const parameters = {
      client_id: clientId,
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: scopes.join(' '),
      state,
      ...requestParameters,
    };
    return `${endpoint}${endpoint.includes('?') ? '&' : '?'}${encodeQuery(Object.entries(parameters))}`;
  }

  /** Redeems the code of a callback; `iss` of RFC 9207 is checked when the provider sends it. */
  async exchange(callback: URLSearchParams, redirectUri: string, codeVerifier: string): Promise<OidcGrant> {
    const server = await this.#discover();
    const state = callback.get('state') ?? oauth.expectNoState;
    const parameters = oauth.validateAuthResponse(server, this.#client, callback, state);
    const authentication = this.#authentication(server);
    const options = this.#options();
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      this.#client,
      authentication,
      parameters,
      redirectUri,
      codeVerifier,
      options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, this.#client, response, {
      requireIdToken: true,
    });
    return this.#grant(server, response, tokens);
  }

  async refresh(refreshToken: string): Promise<OidcGrant> {
    const server = await this.#discover();
    const authentication = this.#authentication(server);
    const response = await oauth.refreshTokenGrantRequest(
      server,
      this.#client,
      authentication,
      refreshToken,
      this.#options(),
    );
    const tokens = await oauth.processRefreshTokenResponse(server, this.#client, response);
    const grant = await this.#grant(server, response, tokens);
    // RFC 6749 §6: without a new one the old one stays in use.
    return { refreshToken, ...grant };
  }

  /** RFC 7009; a provider that cannot revoke leaves the token to its expiry. */
  async revoke(token: string): Promise<void> {
    const server = await this.#discover();
    if (server.revocation_endpoint === undefined) return;
    const authentication = this.#authentication(server);
    const response = await oauth.revocationRequest(server, this.#client, authentication, token, this.#options());
    await oauth.processRevocationResponse(response);
  }

  /** OpenID Connect RP-Initiated Logout 1.0 §2; undefined when the provider has no such endpoint. */
  async endSessionUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined> {
    const { end_session_endpoint: endpoint } = await this.#discover();
    if (endpoint === undefined) return undefined;
    const parameters = {
      client_id: this.#settings.clientId,
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      post_logout_redirect_uri: returnTo,
    };
    return `${endpoint}?${encodeQuery(Object.entries(parameters))}`;
  }

  async #discover(): Promise<oauth.AuthorizationServer> {
    if (this.#discovered) return this.#discovered;
    const issuer = new URL(this.#settings.issuer);
    const response = await oauth.discoveryRequest(issuer, this.#options());
    this.#discovered = await oauth.processDiscoveryResponse(issuer, response);
    return this.#discovered;
  }

  async #grant(
    server: oauth.AuthorizationServer,
    response: Response,
    tokens: oauth.TokenEndpointResponse,
  ): Promise<OidcGrant> {
    const { access_token: accessToken, id_token: idToken, refresh_token: refreshToken } = tokens;
    const identity = oauth.getValidatedIdTokenClaims(tokens);
    if (identity) await this.#verifySignature(server, response);
    const profile = await this.#userInfo(server, accessToken, identity?.sub);
    return {
      claims: { ...identity, ...profile },
      accessToken,
      ...(idToken === undefined ? {} : { idToken }),
      ...(refreshToken === undefined ? {} : { refreshToken }),
    };
  }

  async #verifySignature(server: oauth.AuthorizationServer, response: Response): Promise<void> {
    try {
      await oauth.validateApplicationLevelSignature(server, response, this.#options());
    } catch (error) {
      if (!(error instanceof oauth.OperationProcessingError) || error.code !== oauth.KEY_SELECTION) throw error;
      // The provider changed its keys since they were cached: ask anew, once.
      this.#discovered = undefined;
      await oauth.validateApplicationLevelSignature(await this.#discover(), response, this.#options());
    }
  }

  async #userInfo(
    server: oauth.AuthorizationServer,
    accessToken: string,
    subject: string | undefined,
  ): Promise<Record<string, unknown>> {
    if (server.userinfo_endpoint === undefined) return {};
    const response = await oauth.userInfoRequest(server, this.#client, accessToken, this.#options());
    return oauth.processUserInfoResponse(server, this.#client, subject ?? oauth.skipSubjectCheck, response);
  }

  #authentication(server: oauth.AuthorizationServer): oauth.ClientAuth {
    const { clientSecret } = this.#settings;
    if (!clientSecret) return oauth.None();
    const methods = server.token_endpoint_auth_methods_supported;
    const postOnly = methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic');
    return postOnly ? oauth.ClientSecretPost(clientSecret) : oauth.ClientSecretBasic(clientSecret);
  }

  #options(): { signal: AbortSignal; [oauth.customFetch]: Fetch; [oauth.allowInsecureRequests]: boolean } {
    return {
      signal: AbortSignal.timeout(TIMEOUT),
      [oauth.customFetch]: this.#fetch,
      // Plain http is for a provider on this machine; an https provider may not lead there.
      [oauth.allowInsecureRequests]: this.#settings.issuer.startsWith('http:'),
    };
  }
}

export function createCodeVerifier(): string {
  return oauth.generateRandomCodeVerifier();
}

/** One line that tells what went wrong at the provider, down to the last cause; never a token. */
export function describeFailure(error: unknown): string {
  if (error instanceof oauth.ResponseBodyError) {
    return [error.error, error.error_description].filter((part) => part !== undefined).join(': ');
  }
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? describeFailure(error.cause) : '';
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}

import { createHash, randomUUID } from 'node:crypto';
import type { Fetch } from '../../net/fetch.ts';
import type { Options } from '../../pomerium/model.ts';
import { type OidcGrant, OidcProvider } from './oidc.ts';
import { providerSettings } from './provider-settings.ts';
import type { StoredSession } from './session-table.ts';

/** The configured identity provider, and how its users become sessions. */
export class IdentityProvider {
  /** Stable for the same settings; part of sign-in links and sessions. */
  readonly id: string;
  readonly oidc: OidcProvider;
  readonly #options: () => Options;

  constructor(id: string, oidc: OidcProvider, options: () => Options) {
    this.id = id;
    this.oidc = oidc;
    this.#options = options;
  }

  createSession({ claims, idToken, accessToken, refreshToken }: OidcGrant): StoredSession {
    const issuedAt = Date.now();
    const text = (name: string): string => (typeof claims[name] === 'string' ? claims[name] : '');
    return {
      id: randomUUID(),
      // Entra's `sub` differs for each application; Pomerium v0.33.1 pkg/identity/oidc/azure takes `oid`.
      userId: (this.#options().idp_provider === 'azure' && text('oid')) || text('sub'),
      email: text('email'),
      name: text('name'),
      claims,
      idpId: this.id,
      idpAccessToken: accessToken,
      ...(idToken === undefined ? {} : { idToken }),
      ...(refreshToken === undefined ? {} : { idpRefreshToken: refreshToken }),
      issuedAt,
      expiresAt: issuedAt + this.#options().cookie_expire,
    };
  }

  /** A new session from the refresh token of an old one. Throws when the provider refuses, fails or names another user. */
  async refresh(refreshToken: string, claims: Record<string, unknown>): Promise<StoredSession> {
    const grant = await this.oidc.refresh(refreshToken);
    const subject = grant.claims['sub'];
    if (subject !== undefined && subject !== claims['sub']) throw new Error('the refreshed session is of another user');
    return this.createSession({ ...grant, claims: { ...claims, ...grant.claims } });
  }
}

/** Keeps the provider, and with it what was discovered, until the settings change. */
export class IdentityProviders {
  readonly #options: () => Options;
  readonly #fetch: Fetch;
  #current: IdentityProvider | undefined;

  constructor(options: () => Options, fetch: Fetch) {
    this.#options = options;
    this.#fetch = fetch;
  }

  /** Throws when the configuration names no provider that can be used. */
  current(): IdentityProvider {
    const settings = providerSettings(this.#options());
    if (typeof settings === 'string') throw new Error(settings);
    const id = this.id();
    if (this.#current?.id !== id) {
      this.#current = new IdentityProvider(id, new OidcProvider(settings, this.#fetch), this.#options);
    }
    return this.#current;
  }

  /** The provider's id, also of one that cannot be used: links have to be made all the same. */
  id(): string {
    const { idp_provider, idp_provider_url, idp_client_id, idp_client_secret, idp_scopes, idp_request_params } =
      this.#options();
    const settings = [idp_provider, idp_provider_url, idp_client_id, idp_client_secret, idp_scopes, idp_request_params];
    return createHash('sha256').update(JSON.stringify(settings)).digest('base64url');
  }
}

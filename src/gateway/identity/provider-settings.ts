import type { Options } from '../../pomerium/model.ts';
import type { OidcSettings } from './oidc.ts';

interface Kind {
  /** Used when `idp_provider_url` is not set. */
  url?: string;
  scopes: readonly string[];
  parameters?: Readonly<Record<string, string>>;
}

const OIDC: Kind = { scopes: ['openid', 'profile', 'email', 'offline_access'] };

/** The OpenID providers of Pomerium v0.33.1 pkg/identity/oidc, with their defaults. */
const KINDS: Readonly<Record<string, Kind>> = {
  oidc: OIDC,
  auth0: OIDC,
  okta: OIDC,
  ping: OIDC,
  azure: { ...OIDC, url: 'https://login.microsoftonline.com/common/v2.0' },
  cognito: { scopes: ['openid', 'profile', 'email'] },
  gitlab: { url: 'https://gitlab.com', scopes: ['openid', 'profile', 'email'] },
  onelogin: { url: 'https://openid-connect.onelogin.com/oidc/2', scopes: ['openid', 'profile', 'email', 'groups'] },
  google: {
    url: 'https://accounts.google.com',
    scopes: ['openid', 'profile', 'email'],
    parameters: { prompt: 'select_account consent', access_type: 'offline' },
  },
};

/** Providers of Pomerium that speak something else than OpenID Connect, or that only Pomerium's own service can use. */
const NOT_HERE = ['apple', 'github', 'hosted'];

/** How to reach the configured provider, or why nobody can sign in; the texts are Pomerium's where it has one. */
export function providerSettings(options: Options): OidcSettings | string {
  const { idp_provider: name, idp_client_id: clientId = '', idp_client_secret: clientSecret } = options;
  if (!options.authenticate_service_url) {
    return 'authenticate_service_url is not set: the development gateway cannot use the hosted authenticate service';
  }
  if (!name) return 'identity: provider is not defined';
  if (NOT_HERE.includes(name))
    return `idp_provider ${name} is not available in the development gateway; use an OpenID provider`;
  const kind = KINDS[name];
  if (!kind) return `identity: unknown provider: ${name}`;
  const url = options.idp_provider_url ?? kind.url;
  if (!url) return 'identity/oidc: missing provider url';
  if (!URL.canParse(url)) return `identity/oidc: idp_provider_url is no URL: ${url}`;
  return {
    issuer: name === 'auth0' && !url.endsWith('/') ? `${url}/` : url,
    clientId,
    clientSecret,
    scopes: options.idp_scopes.length > 0 ? options.idp_scopes : kind.scopes,
    requestParameters: { ...kind.parameters, ...options.idp_request_params },
  };
}

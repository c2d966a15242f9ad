import { authorize } from './authorize.ts';
import { oauthError, type Answer, type Received } from './http.ts';
import { resourceMetadata, serverMetadata } from './metadata.ts';
import { register } from './register.ts';
import { api, mcp, userinfo } from './resource.ts';
import { revoke } from './revoke.ts';
import { ENDPOINTS, MCP_PATH, type Site } from './site.ts';
import { token } from './token.ts';

/** Where a fault can strike. Redeeming a code and refreshing are two places of one endpoint. */
export type Place =
  | 'server-metadata'
  | 'resource-metadata'
  | 'register'
  | 'authorize'
  | 'code'
  | 'refresh'
  | 'revoke'
  | 'userinfo'
  | 'resource'
  | 'elsewhere';

export interface Endpoint {
  place: Place;
  answer(site: Site, received: Received): Answer | Promise<Answer>;
}

const PRM = '/.well-known/oauth-protected-resource';
const METADATA = ['oauth-authorization-server', 'openid-configuration'];

/** The endpoint of a request; the paths of the authorization server stand below the issuer's. */
export function endpointOf({ options }: Site, received: Received): Endpoint {
  const { path } = received;
  const base = new URL(options.issuer).pathname.replace(/\/$/, '');
  if (path === PRM || path.startsWith(`${PRM}/`)) {
    return { place: 'resource-metadata', answer: (site) => resourceMetadata(site, path.slice(PRM.length)) };
  }
  // RFC 8414 §3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery §4 after it.
  if (METADATA.some((name) => [`/.well-known/${name}${base}`, `${base}/.well-known/${name}`].includes(path))) {
    return { place: 'server-metadata', answer: serverMetadata };
  }
  if ([MCP_PATH, `${MCP_PATH}/`, '/'].includes(path)) return { place: 'resource', answer: mcp };
  if (path.startsWith('/api/')) return { place: 'resource', answer: api };
  return below(path.startsWith(base) ? path.slice(base.length) : path, received);
}

function below(path: string, { form }: Received): Endpoint {
  switch (path) {
    case ENDPOINTS.authorize:
      return { place: 'authorize', answer: authorize };
    case ENDPOINTS.token:
      return { place: form.get('grant_type') === 'refresh_token' ? 'refresh' : 'code', answer: token };
    case ENDPOINTS.register:
      return { place: 'register', answer: register };
    case ENDPOINTS.revoke:
      return { place: 'revoke', answer: revoke };
    case ENDPOINTS.userinfo:
      return { place: 'userinfo', answer: userinfo };
    default:
      return { place: 'elsewhere', answer: () => oauthError(404, 'not_found', `nothing is served at ${path}`) };
  }
}

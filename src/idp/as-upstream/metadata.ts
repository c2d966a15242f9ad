import { json, type Answer } from './http.ts';
import { ELEVATED, resourceOrigin, urlOf, type Site } from './site.ts';

/** RFC 8414; the OpenID Connect form is the same document under its other path, for clients that look there only. */
export function serverMetadata(site: Site): Answer {
  const { options, behaviour } = site;
  return json(200, {
    issuer: options.issuer,
    authorization_endpoint: urlOf(site, 'authorize'),
    token_endpoint: urlOf(site, 'token'),
    ...(options.registration ? { registration_endpoint: urlOf(site, 'register') } : {}),
    revocation_endpoint: urlOf(site, 'revoke'),
    userinfo_endpoint: urlOf(site, 'userinfo'),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', ...(behaviour.refreshTokens ? ['refresh_token'] : [])],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    token_endpoint_auth_methods_supported: behaviour.clientAuthentication,
    scopes_supported: [...options.scopes, ELEVATED],
    ...(options.clientMetadataDocuments ? { client_id_metadata_document_supported: true } : {}),
  });
}

/** RFC 9728. The resource is the URL into which the well-known path was put, as §3.3 has it compared. */
export function resourceMetadata(site: Site, suffix: string): Answer {
  const { options } = site;
  return json(200, {
    resource: `${resourceOrigin(site)}${suffix === '/' ? '' : suffix}`,
    authorization_servers: [options.issuer],
    scopes_supported: options.scopes,
    bearer_methods_supported: ['header'],
  });
}

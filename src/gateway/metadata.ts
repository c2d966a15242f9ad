import type { Options } from '../pomerium/model.ts';
import type { Behaviour } from '../pomerium/versions.ts';

const PREFIX = '/.well-known/oauth-protected-resource';

/** Whether the path is that of a protected resource's metadata (RFC 9728); Pomerium takes any suffix. */
export function isResourceMetadataPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Pomerium v0.33.1 internal/mcp/handler_metadata.go. */
export function protectedResourceMetadata(host: string, path: string): string {
  const suffix = path.slice(PREFIX.length);
  const rooted = suffix === '' || suffix.startsWith('/') ? suffix : `/${suffix}`;
  return line({
    resource: `https://${host}${rooted}`,
    authorization_servers: [`https://${host}`],
    bearer_methods_supported: ['header'],
    resource_name: 'Pomerium',
  });
}

export const AUTHORIZATION_SERVER_PATH = '/.well-known/oauth-authorization-server';

/** RFC 8414, members in Pomerium's order. */
export function authorizationServerMetadata(host: string, options: Options, behaviour: Behaviour): string {
  const endpoint = (name: string): string => `https://${host}/.pomerium/mcp/${name}`;
  const registers = options.runtime_flags['mcp_dynamic_client_registration'] === true;
  return line({
    issuer: `https://${host}`,
    authorization_endpoint: endpoint('authorize'),
    token_endpoint: endpoint('token'),
    ...(registers ? { registration_endpoint: endpoint('register') } : {}),
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
    service_documentation: 'https://pomerium.com/docs',
    revocation_endpoint: endpoint('revoke'),
    revocation_endpoint_auth_methods_supported: ['client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    client_id_metadata_document_supported: true,
    ...(behaviour.issuerInResponse ? { authorization_response_iss_parameter_supported: true } : {}),
  });
}

/** /.well-known/pomerium. */
export function pomeriumMetadata(host: string, options: Options): string {
  const authenticate = options.authenticate_service_url ?? 'https://authenticate.pomerium.app';
  return line({
    issuer: `https://${host}/`,
    authentication_callback_endpoint: `${authenticate.replace(/\/$/, '')}/oauth2/callback`,
    jwks_uri: `https://${host}/.well-known/pomerium/jwks.json`,
    frontchannel_logout_uri: `https://${host}/.pomerium/sign_out`,
  });
}

/** The `resource_metadata` of a challenge. */
export function challenge(host: string, cleanPath: string): string {
  return `Bearer resource_metadata="https://${host}${PREFIX}${cleanPath}"`;
}

function line(document: Record<string, unknown>): string {
  return `${JSON.stringify(document)}\n`;
}

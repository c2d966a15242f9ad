import type { UpstreamHttp } from './http.ts';
import { originOf, pathOf } from './resource.ts';

/** RFC 9728 §2, as far as it is used. */
export interface ResourceMetadata {
  resource: string;
  authorizationServers: string[];
  scopes: string[];
}

/** RFC 8414 §2, as far as it is used; absent members are empty. */
export interface ServerMetadata {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  registrationEndpoint: string;
  clientIdMetadataDocuments: boolean;
  /** It names itself at the callback (RFC 9207). */
  issuerInResponse: boolean;
}

const PRM = '/.well-known/oauth-protected-resource';

/** Where the metadata of a resource may lie (RFC 9728 §3.1): under its path, then at the root. */
export function resourceMetadataUrls(resource: string): string[] {
  const [origin, path] = [originOf(resource), pathOf(resource)];
  return path === '' ? [`${origin}${PRM}`] : [`${origin}${PRM}${path}`, `${origin}${PRM}`];
}

/** RFC 8414 §3.1, then the two forms of OpenID Connect Discovery, in the order of the MCP specification. */
export function serverMetadataUrls(issuer: string): string[] {
  const [origin, path] = [originOf(issuer), pathOf(issuer)];
  const own = `${origin}/.well-known/oauth-authorization-server${path}`;
  const openid = `${origin}/.well-known/openid-configuration${path}`;
  return path === '' ? [own, openid] : [own, openid, `${origin}${path}/.well-known/openid-configuration`];
}

/** Throws when there is none, or it lacks what it must have. */
export async function fetchResourceMetadata(http: UpstreamHttp, url: string): Promise<ResourceMetadata> {
  const document = new Document(await http.document(url));
  const resource = document.text('resource');
  const authorizationServers = document.texts('authorization_servers') ?? [];
  if (resource === '') throw new Error('protected resource metadata: resource is required');
  if (authorizationServers.length === 0) {
    throw new Error('protected resource metadata: authorization_servers must contain at least one entry');
  }
  return { resource, authorizationServers, scopes: document.texts('scopes_supported') ?? [] };
}

/** The first of the well-known documents that will do; the issuer in it is not compared. Throws, with every reason, when none will. */
export async function fetchServerMetadata(http: UpstreamHttp, issuer: string): Promise<ServerMetadata> {
  const reasons: string[] = [];
  for (const url of serverMetadataUrls(issuer)) {
    try {
      return readServerMetadata(new Document(await http.document(url)));
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`authorization server metadata not found at any well-known endpoint: ${reasons.join('; ')}`);
}

/** Pomerium v0.33.1 internal/mcp/upstream_discovery.go, ValidateAuthorizationServerMetadata. */
function readServerMetadata(document: Document): ServerMetadata {
  if (!document.texts('code_challenge_methods_supported')?.includes('S256')) {
    throw new Error(
      'authorization server metadata: code_challenge_methods_supported must include S256 (MCP requires PKCE)',
    );
  }
  if (document.texts('grant_types_supported')?.includes('authorization_code') === false) {
    throw new Error('authorization server metadata: grant_types_supported must include authorization_code');
  }
  return {
    issuer: document.text('issuer'),
    authorizationEndpoint: document.text('authorization_endpoint'),
    tokenEndpoint: document.text('token_endpoint'),
    registrationEndpoint: document.text('registration_endpoint'),
    clientIdMetadataDocuments: document.flag('client_id_metadata_document_supported'),
    issuerInResponse: document.flag('authorization_response_iss_parameter_supported'),
  };
}

/** A JSON object read as Go reads one into a struct: null is absent, another type an error. */
class Document {
  readonly #members: Record<string, unknown>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a JSON object');
    this.#members = value as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.#members[name] ?? '';
    if (typeof value !== 'string') throw new Error(`${name} is not a string`);
    return value;
  }

  texts(name: string): string[] | undefined {
    const value = this.#members[name] ?? undefined;
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
      throw new Error(`${name} is not a list of strings`);
    }
    return value as string[];
  }

  flag(name: string): boolean {
    const value = this.#members[name] ?? false;
    if (typeof value !== 'boolean') throw new Error(`${name} is not a boolean`);
    return value;
  }
}

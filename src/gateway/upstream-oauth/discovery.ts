import type { UpstreamHttp } from './http.ts';
import {
  fetchResourceMetadata,
  fetchServerMetadata,
  resourceMetadataUrls,
  type ResourceMetadata,
  type ServerMetadata,
} from './metadata.ts';
import { coversUpstream, originOf } from './resource.ts';

/** What is known of an upstream's authorization server; empty texts: not known. */
export interface Discovered extends ServerMetadata {
  /** The resource indicator (RFC 8707). */
  resource: string;
  /** Of the protected resource. */
  scopes: string[];
}

export interface DiscoveryRequest {
  /** The resource that wants a token. */
  url: string;
  /** From the challenge of the upstream. */
  resourceMetadata?: string;
  /** `authorization_server_url` of the route. */
  fallbackIssuer?: string;
}

/**
 * Protected resource metadata, then its first authorization server; without metadata the fallback issuer, or the resource's own origin.
 * Pomerium v0.33.1 internal/mcp/upstream_oauth_setup.go, runDiscovery. Throws with the reason.
 */
export async function discover(http: UpstreamHttp, request: DiscoveryRequest): Promise<Discovered> {
  const found = await findResourceMetadata(http, request);
  if (typeof found !== 'string') return fromResourceMetadata(http, request.url, found);
  const issuer = request.fallbackIssuer || originOf(request.url);
  const problem = http.metadataUrlProblem(issuer);
  if (problem !== undefined) throw new Error(`fallback AS URL: ${problem}; before that: ${found}`);
  try {
    return { ...(await fetchServerMetadata(http, issuer)), resource: originOf(request.url), scopes: [] };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`fetching fallback AS metadata from ${issuer}: ${reason}; before that: ${found}`, { cause });
  }
}

/** The metadata, or why there is none. */
async function findResourceMetadata(
  http: UpstreamHttp,
  { url, resourceMetadata }: DiscoveryRequest,
): Promise<ResourceMetadata | string> {
  if (resourceMetadata !== undefined) {
    const problem = http.metadataUrlProblem(resourceMetadata);
    if (problem !== undefined) throw new Error(`resource_metadata URL from WWW-Authenticate: ${problem}`);
  }
  const reasons: string[] = [];
  for (const candidate of resourceMetadata === undefined ? resourceMetadataUrls(url) : [resourceMetadata]) {
    try {
      return await fetchResourceMetadata(http, candidate);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return reasons.join('; ');
}

async function fromResourceMetadata(
  http: UpstreamHttp,
  url: string,
  { resource, authorizationServers: [issuer = ''], scopes }: ResourceMetadata,
): Promise<Discovered> {
  if (!coversUpstream(resource, url)) {
    throw new Error(`PRM resource ${JSON.stringify(resource)} does not match upstream server ${JSON.stringify(url)}`);
  }
  const problem = http.metadataUrlProblem(issuer);
  if (problem !== undefined) throw new Error(`authorization_servers URL from PRM: ${problem}`);
  return { ...(await fetchServerMetadata(http, issuer)), resource, scopes };
}
